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

const applyLink = (link: TreeEnsemble['link'], scores: Float64Array): void => {
  if (link === 'identity') return
  if (link === 'softmax') {
    const greatest = Math.max(...scores)
    const powers = scores.map((score) => Math.exp(score - greatest))
    const sum = powers.reduce((total, power) => total + power, 0)
    for (let output = 0; output < scores.length; output += 1) scores[output] = powers[output] / sum
    return
  }
  for (let output = 0; output < scores.length; output += 1)
    scores[output] = link === 'exp' ? Math.exp(scores[output]) : 1 / (1 + Math.exp(-scores[output]))
}

/**
 * What comes out for each row, row after row: the leaves' sum or mean, in the order of the trees and in float64,
 * plus the base, through the link. `features` as {@link toTreeFeatures} makes them.
 */
export const predictTrees = (
  ensemble: TreeEnsemble,
  features: readonly Float32Array[],
  rows: number,
): Float64Array => {
  const { outputs, offsets, valuesPerLeaf, treeOutput, value, base, aggregate, link } = ensemble
  const trees = offsets.length - 1
  const predicted = new Float64Array(rows * outputs)
  for (let row = 0; row < rows; row += 1) {
    const scores = predicted.subarray(row * outputs, (row + 1) * outputs)
    for (let tree = 0; tree < trees; tree += 1) {
      const leaf = findLeaf(ensemble, offsets[tree], features, row)
      if (valuesPerLeaf === 1) scores[treeOutput[tree]] += value[leaf]
      else
        for (let output = 0; output < outputs; output += 1) scores[output] += value[leaf * outputs + output]
    }
    for (let output = 0; output < outputs; output += 1)
      scores[output] = base[output] + (aggregate === 'average' ? scores[output] / trees : scores[output])
    applyLink(link, scores)
  }
  return predicted
}
