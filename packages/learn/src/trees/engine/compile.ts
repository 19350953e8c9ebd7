import { categorical, missingLeft, type TreeEnsemble, zeroIsMissing } from '../ensemble.ts'

/** A feature as nodes test it: with what is missing for them, and where it goes. */
export interface Slot {
  readonly feature: number
  /** Of the nodes. For a category only `categorical` and `zeroIsMissing`: its sets say where missing ones go. */
  readonly flags: number
}

export interface GroupRun {
  readonly firstTree: number
  readonly groups: number
  readonly steps: number
}

/** Trees as walk.wat has them. Addresses are from the start of the image, which is to lie at 0. */
export interface CompiledTrees {
  /** Nodes, sets, and the list of roots. Where a leaf has one value, that (as float32) stands for the leaf's number. */
  readonly image: Int32Array
  /** Address of the list of roots; it is followed by copies of the last one, up to a multiple of 8. */
  readonly roots: number
  readonly trees: number
  /** The length of the longest walk, by tree. */
  readonly depths: Int32Array
  /** 1 for a tree that tests categories. */
  readonly testsSets: Uint8Array
  readonly anySets: boolean
  /** Neighbouring groups of eight trees, by the steps that the deepest one of a group needs. */
  readonly runs: readonly GroupRun[]
  /** What a row consists of. */
  readonly slots: readonly Slot[]
}

const nodeBytes = 16
const nodeWords = 4
/** Larger trees are not worth a copy. */
const maxImageBytes = 2 ** 30

/** The words of a set by category + 1; place 0 is for what is missing. */
const shiftSet = ({ sets, setOffsets }: TreeEnsemble, set: number, missing: number): Uint32Array => {
  const words = sets.subarray(setOffsets[set], setOffsets[set + 1])
  const shifted = new Uint32Array(words.length + 1)
  shifted[0] = missing
  words.forEach((word, index) => {
    shifted[index] |= word << 1
    shifted[index + 1] = word >>> 31
  })
  return shifted
}

const createSlots = () => {
  const slots: Slot[] = []
  const known = new Map<number, number>()
  return {
    slots,
    placeOf(feature: number, flags: number): number {
      const key = feature * 8 + flags
      const place = known.get(key)
      if (place !== undefined) return place
      slots.push({ feature, flags })
      known.set(key, slots.length - 1)
      return slots.length - 1
    },
  }
}

const createSets = (ensemble: TreeEnsemble, begin: number) => {
  const parts: Uint32Array[] = []
  const known = new Map<number, number>()
  let end = begin
  return {
    parts,
    end: () => end,
    addressOf(set: number, missing: number): number {
      const key = set * 2 + missing
      const address = known.get(key)
      if (address !== undefined) return address
      const words = shiftSet(ensemble, set, missing)
      parts.push(Uint32Array.of(words.length), words)
      known.set(key, end)
      end += 4 + words.byteLength
      return end - 4 - words.byteLength
    },
  }
}

const listRuns = (depths: Int32Array): GroupRun[] => {
  const runs: GroupRun[] = []
  for (let tree = 0; tree < depths.length; tree += 8) {
    const steps = depths.subarray(tree, tree + 8).reduce((most, depth) => Math.max(most, depth), 0)
    const last = runs.at(-1)
    if (last?.steps === steps) runs[runs.length - 1] = { ...last, groups: last.groups + 1 }
    else runs.push({ firstTree: tree, groups: 1, steps })
  }
  return runs
}

/** Compiles trees; undefined if they take more than a gigabyte. */
const compile = (ensemble: TreeEnsemble): CompiledTrees | undefined => {
  const { offsets, feature, threshold, right, flags, sets, setOffsets, value, valuesPerLeaf } = ensemble
  const size = feature.length
  const trees = offsets.length - 1
  const padded = Math.ceil(trees / 8) * 8
  // Each set is there at most twice, by where missing categories go.
  const mostBytes = size * nodeBytes + 8 * (sets.length + 2 * setOffsets.length) + 4 * padded
  if (mostBytes > maxImageBytes) return undefined
  const nodes = new Int32Array(size * nodeWords)
  const floats = new Float32Array(nodes.buffer)
  const depths = new Int32Array(trees)
  const testsSets = new Uint8Array(trees)
  const slots = createSlots()
  const packed = createSets(ensemble, size * nodeBytes)

  const writeNode = (tree: number, node: number, place: number, rightPlace: number): void => {
    const at = place * nodeWords
    nodes[at + 2] = rightPlace * nodeBytes
    nodes[at + 3] = node
    if (feature[node] < 0) {
      floats[at + 1] = Number.NaN
      if (valuesPerLeaf === 1) floats[at + 3] = value[node]
    } else if ((flags[node] & categorical) === 0) {
      nodes[at] = slots.placeOf(feature[node], flags[node]) * 4
      floats[at + 1] = threshold[node]
    } else {
      nodes[at] = slots.placeOf(feature[node], flags[node] & (categorical | zeroIsMissing)) * 4 + 1
      nodes[at + 1] = packed.addressOf(threshold[node], flags[node] & missingLeft)
      testsSets[tree] = 1
    }
  }

  for (let tree = 0; tree < trees; tree += 1) {
    // Level by level, so that the upper levels of a tree, which every walk needs, lie together.
    let level = [{ node: offsets[tree], place: offsets[tree] }]
    let free = offsets[tree] + 1
    while (level.length > 0) {
      const below: typeof level = []
      for (const { node, place } of level) {
        const isLeaf = feature[node] < 0
        writeNode(tree, node, place, isLeaf ? place : free + 1)
        if (isLeaf) continue
        below.push({ node: node + 1, place: free }, { node: right[node], place: free + 1 })
        free += 2
      }
      if (below.length > 0) depths[tree] += 1
      level = below
    }
  }

  const roots = packed.end()
  const image = new Int32Array(roots / 4 + padded)
  image.set(nodes)
  let at = nodes.length
  for (const part of packed.parts) {
    image.set(part, at)
    at += part.length
  }
  for (let tree = 0; tree < padded; tree += 1)
    image[at + tree] = offsets[Math.min(tree, trees - 1)] * nodeBytes
  return {
    image,
    roots,
    trees,
    depths,
    testsSets,
    anySets: testsSets.includes(1),
    runs: listRuns(depths),
    slots: slots.slots,
  }
}

const compiled = new WeakMap<TreeEnsemble, { readonly trees: CompiledTrees | undefined }>()

/** The trees as the engine takes them, made once; undefined if they are too large for it. */
export const getCompiledTrees = (ensemble: TreeEnsemble): CompiledTrees | undefined => {
  const known = compiled.get(ensemble)
  if (known) return known.trees
  const trees = compile(ensemble)
  compiled.set(ensemble, { trees })
  return trees
}
