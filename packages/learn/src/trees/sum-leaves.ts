import type { TreeEnsemble } from './ensemble.ts'
import { goesLeft } from './goes-left.ts'

const findLeaf = (
  ensemble: TreeEnsemble,
  root: number,
  features: readonly Float32Array[],
  row: number,
): number => {
  let node = root
  while (ensemble.feature[node] >= 0)
    node = goesLeft(ensemble, node, features[ensemble.feature[node]][row]) ? node + 1 : ensemble.right[node]
  return node
}

/**
 * Adds the leaves of each row, in the order of the trees, to `sums`, which has the outputs of row after row: what the
 * engine does, for trees that are too large for it, and to compare it with.
 */
export const sumLeavesPlainly = (
  ensemble: TreeEnsemble,
  features: readonly Float32Array[],
  rows: number,
  sums: Float64Array,
): void => {
  const { outputs, offsets, valuesPerLeaf, treeOutput, value } = ensemble
  for (let row = 0; row < rows; row += 1)
    for (let tree = 0; tree + 1 < offsets.length; tree += 1) {
      const leaf = findLeaf(ensemble, offsets[tree], features, row)
      if (valuesPerLeaf === 1) sums[row * outputs + treeOutput[tree]] += value[leaf]
      else
        for (let output = 0; output < outputs; output += 1)
          sums[row * outputs + output] += value[leaf * outputs + output]
    }
}
