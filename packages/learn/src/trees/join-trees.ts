import { categorical, type TreeEnsemble } from './ensemble.ts'
import type { PackedTree } from './packed-tree.ts'

export type EnsembleRest = Pick<
  TreeEnsemble,
  'features' | 'outputs' | 'valuesPerLeaf' | 'treeOutput' | 'base' | 'aggregate' | 'link'
>

/** Puts trees one after the other. */
export const joinTrees = (trees: readonly PackedTree[], rest: EnsembleRest): TreeEnsemble => {
  const size = trees.reduce((sum, { feature }) => sum + feature.length, 0)
  const sets = trees.flatMap((tree) => tree.sets)
  const joined = {
    offsets: new Uint32Array(trees.length + 1),
    feature: new Int32Array(size),
    threshold: new Float32Array(size),
    right: new Uint32Array(size),
    flags: new Uint8Array(size),
    cover: new Float32Array(size),
    gain: new Float32Array(size),
    value: new Float32Array(size * rest.valuesPerLeaf),
    sets: new Uint32Array(sets.reduce((sum, set) => sum + set.length, 0)),
    setOffsets: new Uint32Array(sets.length + 1),
  }
  sets.forEach((set, index) => {
    joined.sets.set(set, joined.setOffsets[index])
    joined.setOffsets[index + 1] = joined.setOffsets[index] + set.length
  })
  let at = 0
  let setsBefore = 0
  trees.forEach((tree, index) => {
    for (const part of ['feature', 'flags', 'cover', 'gain'] as const) joined[part].set(tree[part], at)
    joined.value.set(tree.value, at * rest.valuesPerLeaf)
    for (let node = 0; node < tree.feature.length; node += 1) {
      const isSet = (tree.flags[node] & categorical) !== 0
      joined.threshold[at + node] = tree.threshold[node] + (isSet ? setsBefore : 0)
      joined.right[at + node] = tree.feature[node] < 0 ? 0 : tree.right[node] + at
    }
    at += tree.feature.length
    setsBefore += tree.sets.length
    joined.offsets[index + 1] = at
  })
  return { ...rest, ...joined }
}
