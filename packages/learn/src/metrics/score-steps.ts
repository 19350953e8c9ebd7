import { sortOrder } from '../sort-order.ts'
import type { Scored } from './scored.ts'

/** What is predicted as class 1 when all scores >= `scores[step]` are, for each distinct score, descending. */
export interface ScoreSteps {
  readonly scores: Float64Array
  /** Sums of the weights of class 1 and class 0 among them. */
  readonly truePositives: Float64Array
  readonly falsePositives: Float64Array
}

/** Rows of weight 0 have no part in it. */
export const toScoreSteps = (
  { labels, rows, weights }: Pick<Scored, 'labels' | 'rows' | 'weights'>,
  scores: ArrayLike<number>,
): ScoreSteps => {
  const order = sortOrder(scores)
  const distinct = new Float64Array(rows)
  const truePositives = new Float64Array(rows)
  const falsePositives = new Float64Array(rows)
  let step = -1
  let right = 0
  let wrong = 0
  for (let place = rows - 1; place >= 0; place -= 1) {
    const row = order[place]
    if (weights[row] === 0) continue
    if (step === -1 || scores[row] !== distinct[step]) step += 1
    distinct[step] = scores[row]
    if (labels[row] === 1) right += weights[row]
    else wrong += weights[row]
    truePositives[step] = right
    falsePositives[step] = wrong
  }
  return {
    scores: distinct.slice(0, step + 1),
    truePositives: truePositives.slice(0, step + 1),
    falsePositives: falsePositives.slice(0, step + 1),
  }
}
