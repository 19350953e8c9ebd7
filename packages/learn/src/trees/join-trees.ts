import { categorical, missingLeft, type TreeEnsemble } from './ensemble.ts'
import type { GrownNode, GrownTree } from './grown-tree.ts'

export type EnsembleRest = Pick<
  TreeEnsemble,
  'features' | 'outputs' | 'valuesPerLeaf' | 'treeOutput' | 'base' | 'aggregate' | 'link'
>

/** Nodes in preorder, each with the place of its right child from the first of them. */
const inPreorder = (tree: GrownTree): { node: GrownNode; right: number }[] => {
  const ordered: { node: GrownNode; right: number }[] = []
  const open: { place: number; parent: number }[] = [{ place: 0, parent: -1 }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = tree[next.place]
    if (next.parent >= 0) ordered[next.parent].right = ordered.length
    const here = ordered.length
    ordered.push({ node, right: 0 })
    if (node.feature < 0) continue
    open.push({ place: node.right, parent: here }, { place: node.left, parent: -1 })
  }
  return ordered
}

/** Packs trees into one ensemble. */
export const joinTrees = (trees: readonly GrownTree[], rest: EnsembleRest): TreeEnsemble => {
  const size = trees.reduce((sum, tree) => sum + tree.length, 0)
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
  const sets: number[] = []
  const setOffsets = [0]
  const addSet = (members: readonly number[]): number => {
    const words = new Uint32Array(Math.max(0, ...members.map((category) => (category >>> 5) + 1)))
    for (const category of members) words[category >>> 5] |= 1 << (category & 31)
    sets.push(...words)
    setOffsets.push(sets.length)
    return setOffsets.length - 2
  }
  let at = 0
  trees.forEach((tree, index) => {
    const root = at
    for (const { node, right } of inPreorder(tree)) {
      packed.feature[at] = node.feature
      packed.threshold[at] = node.set ? addSet(node.set) : node.threshold
      packed.right[at] = node.feature < 0 ? 0 : root + right
      packed.flags[at] = (node.missingLeft ? missingLeft : 0) | (node.set ? categorical : 0)
      packed.cover[at] = node.cover
      packed.gain[at] = node.gain
      packed.value.set(node.values, at * rest.valuesPerLeaf)
      at += 1
    }
    packed.offsets[index + 1] = at
  })
  return { ...rest, ...packed, sets: Uint32Array.from(sets), setOffsets: Uint32Array.from(setOffsets) }
}
