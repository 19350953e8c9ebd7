import { getCompiledTrees } from './engine/compile.ts'
import { sumLeaves } from './engine/sum-leaves.ts'
import type { TreeEnsemble } from './ensemble.ts'
import { sumLeavesPlainly } from './sum-leaves.ts'

const applySoftmax = (scores: Float64Array, outputs: number): void => {
  for (let begin = 0; begin < scores.length; begin += outputs) {
    let greatest = -Infinity
    for (let at = begin; at < begin + outputs; at += 1) greatest = Math.max(greatest, scores[at])
    let sum = 0
    for (let at = begin; at < begin + outputs; at += 1) {
      scores[at] = Math.exp(scores[at] - greatest)
      sum += scores[at]
    }
    for (let at = begin; at < begin + outputs; at += 1) scores[at] /= sum
  }
}

const applyLink = (link: TreeEnsemble['link'], scores: Float64Array, outputs: number): void => {
  if (link === 'softmax') applySoftmax(scores, outputs)
  else if (link === 'exp') for (let at = 0; at < scores.length; at += 1) scores[at] = Math.exp(scores[at])
  else if (link === 'logistic')
    for (let at = 0; at < scores.length; at += 1) scores[at] = 1 / (1 + Math.exp(-scores[at]))
}

/**
 * What comes out for each row, row after row: the leaves' sum or mean, in the order of the trees and in float64,
 * plus the base, through the link. `features` as {@link toTreeFeatures} makes them. A row gives the same bits alone and
 * among others.
 */
export const predictTrees = (
  ensemble: TreeEnsemble,
  features: readonly Float32Array[],
  rows: number,
): Float64Array => {
  const { outputs, offsets, base, aggregate, link } = ensemble
  const trees = offsets.length - 1
  const scores = new Float64Array(rows * outputs)
  const compiled = getCompiledTrees(ensemble)
  if (compiled) sumLeaves(ensemble, compiled, features, rows, scores)
  else sumLeavesPlainly(ensemble, features, rows, scores)
  for (let row = 0; row < rows; row += 1)
    for (let output = 0; output < outputs; output += 1) {
      const at = row * outputs + output
      scores[at] = base[output] + (aggregate === 'average' ? scores[at] / trees : scores[at])
    }
  applyLink(link, scores, outputs)
  return scores
}
