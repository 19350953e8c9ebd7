import { categorical, type TreeEnsemble } from '../trees/ensemble.ts'

/** A node as a file has it: children are places in the list of the tree's nodes. */
export interface ImportedNode {
  /** -1 in a leaf. */
  readonly feature: number
  /** A float32; unused in a leaf and with a set. */
  readonly threshold: number
  /** The categories that go left, as bits. */
  readonly set?: Uint32Array
  readonly left: number
  readonly right: number
  /** `missingLeft` and `zeroIsMissing`. */
  readonly flags: number
  readonly cover: number
  readonly gain: number
  /** Of a leaf. */
  readonly values: readonly number[]
}

/** What an ensemble has besides its nodes. */
export type EnsembleFrame = Pick<
  TreeEnsemble,
  'features' | 'outputs' | 'valuesPerLeaf' | 'treeOutput' | 'base' | 'aggregate' | 'link'
>

/** The root is node 0. A place may be empty: its node has become part of another one. */
export type ImportedTree = readonly (ImportedNode | undefined)[]

// 256 MB of sets: a few bytes in a file may name one category of a great number.
const maxSetWords = 2 ** 26
// Indexes of sets are kept as float32.
const maxSets = 2 ** 24
const maxNodes = 2 ** 28

type Refuse = (reason: string) => never
type Placed = { readonly node: ImportedNode; right: number }

const checkNode = (node: ImportedNode, features: number, where: string, refuse: Refuse): void => {
  if (node.feature >= features) refuse(`${where} tests feature ${node.feature} of ${features}`)
  if (node.feature >= 0 && !node.set && Number.isNaN(node.threshold)) refuse(`${where} has no threshold`)
  if (node.feature < 0 && !node.values.every((value) => Number.isFinite(Math.fround(value))))
    refuse(`${where} has the value ${node.values.join(', ')}; leaves must have finite float32 values`)
}

/** The nodes that the root leads to, in preorder. */
const inPreorder = (tree: ImportedTree, index: number, features: number, refuse: Refuse): Placed[] => {
  const ordered: Placed[] = []
  const seen = new Uint8Array(tree.length)
  const open = [{ place: 0, parent: -1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { place, parent } = next
    const where = `node ${place} of tree ${index}`
    if (!(place >= 0 && place < tree.length)) refuse(`tree ${index} leads to ${where}, which there is not`)
    if (seen[place] === 1) refuse(`more than one node leads to ${where}`)
    seen[place] = 1
    const node = tree[place] ?? refuse(`more than one node leads to ${where}`)
    checkNode(node, features, where, refuse)
    if (parent >= 0) ordered[parent].right = ordered.length
    const here = ordered.length
    ordered.push({ node, right: 0 })
    if (node.feature >= 0) open.push({ place: node.right, parent: here }, { place: node.left, parent: -1 })
  }
  return ordered
}

const packSets = (nodes: Iterable<Placed>, refuse: Refuse) => {
  const sets: Uint32Array[] = []
  let words = 0
  for (const { node } of nodes) {
    if (node.feature < 0 || !node.set) continue
    sets.push(node.set)
    words += node.set.length
    if (words > maxSetWords || sets.length > maxSets) refuse('its sets of categories are too large')
  }
  const packed = new Uint32Array(words)
  const setOffsets = new Uint32Array(sets.length + 1)
  sets.forEach((set, index) => {
    packed.set(set, setOffsets[index])
    setOffsets[index + 1] = setOffsets[index] + set.length
  })
  return { sets: packed, setOffsets }
}

/**
 * Packs trees of a file into an ensemble. Calls `refuse` for what is no tree (a child that there is not, two ways to a
 * node, a circle), for features that there are not and leaves that are not finite.
 */
export const packTrees = (
  trees: readonly ImportedTree[],
  rest: EnsembleFrame,
  refuse: Refuse,
): TreeEnsemble => {
  if (trees.length === 0) refuse('it has no trees')
  const placed = trees.map((tree, index) => inPreorder(tree, index, rest.features, refuse))
  const size = placed.reduce((sum, nodes) => sum + nodes.length, 0)
  if (size * rest.valuesPerLeaf > maxNodes) refuse(`it has ${size} nodes of ${rest.valuesPerLeaf} values`)
  const packed = {
    offsets: new Uint32Array(trees.length + 1),
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    right: new Uint32Array(size),
    flags: new Uint8Array(size),
    cover: new Float32Array(size),
    gain: new Float32Array(size),
    value: new Float32Array(size * rest.valuesPerLeaf),
  }
  let at = 0
  let sets = 0
  placed.forEach((nodes, tree) => {
    const root = at
    for (const { node, right } of nodes) {
      const leaf = node.feature < 0
      packed.feature[at] = leaf ? -1 : node.feature
      packed.cover[at] = node.cover
      if (leaf) packed.value.set(node.values, at * rest.valuesPerLeaf)
      else {
        packed.threshold[at] = node.set ? sets : node.threshold
        packed.right[at] = root + right
        packed.flags[at] = node.flags | (node.set ? categorical : 0)
        packed.gain[at] = node.gain
        if (node.set) sets += 1
      }
      at += 1
    }
    packed.offsets[tree + 1] = at
  })
  return { ...rest, ...packed, ...packSets(placed.flat(), refuse) }
}

/** The bits of some categories; calls `refuse` for one that is no integer from 0 to 2²⁴ - 1. */
export const packCategories = (categories: ArrayLike<number>, refuse: Refuse): Uint32Array => {
  let greatest = -1
  for (let index = 0; index < categories.length; index += 1) {
    const category = categories[index]
    if (!(Number.isInteger(category) && category >= 0 && category < 2 ** 24))
      refuse(`${category} is no category; they are integers from 0 to ${2 ** 24 - 1}`)
    greatest = Math.max(greatest, category)
  }
  const words = new Uint32Array((greatest >> 5) + 1)
  for (let index = 0; index < categories.length; index += 1)
    words[categories[index] >> 5] |= 1 << (categories[index] & 31)
  return words
}
