import { sortOrder } from '../sort-order.ts'
import { UndefinedMetricError } from './undefined-metric.ts'
import type { WeightedMetric } from './weighted-metric.ts'

/** Rows from the highest score to the lowest; what belongs to a place belongs to the row that is there. */
interface SortedScores {
  readonly order: Uint32Array
  readonly labels: Uint8Array
  /** 1 at the last place of each distinct score. */
  readonly ends: Uint8Array
}

const sortScores = (labels: ArrayLike<number>, scores: ArrayLike<number>): SortedScores => {
  const order = sortOrder(scores).reverse()
  const sorted = new Uint8Array(order.length)
  const ends = new Uint8Array(order.length)
  for (let place = 0; place < order.length; place += 1) {
    sorted[place] = labels[order[place]]
    ends[place] = place + 1 < order.length && scores[order[place + 1]] === scores[order[place]] ? 0 : 1
  }
  return { order, labels: sorted, ends }
}

/** The area under the ROC curve of checked labels (0 or 1) and scores; see `rocAuc`. */
export const sortedRocAuc = (labels: ArrayLike<number>, scores: ArrayLike<number>): WeightedMetric => {
  const sorted = sortScores(labels, scores)
  return (weights) => {
    // Twice the weight of ordered pairs; without weights an exact integer up to 2^53.
    let twice = 0
    let [right, wrong, rightHere, wrongHere] = [0, 0, 0, 0]
    for (let place = 0; place < sorted.order.length; place += 1) {
      const weight = weights[sorted.order[place]]
      const positive = weight * sorted.labels[place]
      rightHere += positive
      wrongHere += weight - positive
      if (sorted.ends[place] === 0) continue
      twice += wrongHere * (2 * right + rightHere)
      right += rightHere
      wrong += wrongHere
      rightHere = 0
      wrongHere = 0
    }
    if (right === 0 || wrong === 0)
      throw new UndefinedMetricError(
        `ROC needs both classes; all ${sorted.order.length} labels are ${right === 0 ? 0 : 1}`,
      )
    return twice / 2 / right / wrong
  }
}

/** The area under the precision-recall curve of checked labels (0 or 1) and scores; see `averagePrecision`. */
export const sortedAveragePrecision = (
  labels: ArrayLike<number>,
  scores: ArrayLike<number>,
): WeightedMetric => {
  const sorted = sortScores(labels, scores)
  return (weights) => {
    let sum = 0
    let [right, total, before] = [0, 0, 0]
    for (let place = 0; place < sorted.order.length; place += 1) {
      const weight = weights[sorted.order[place]]
      right += weight * sorted.labels[place]
      total += weight
      if (sorted.ends[place] === 0 || right === before) continue
      sum += (right - before) * (right / total)
      before = right
    }
    if (right === 0)
      throw new UndefinedMetricError(`recall needs rows of class 1; all ${sorted.order.length} labels are 0`)
    return sum / right
  }
}
