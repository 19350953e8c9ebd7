import type { Scored } from './scored.ts'

/** What is predicted as class 1 when all scores >= `scores[step]` are, for each distinct score, descending. */
export interface ScoreSteps {
  readonly scores: Float64Array
  /** Sums of the weights of class 1 and class 0 among them. */
  readonly truePositives: Float64Array
  readonly falsePositives: Float64Array
}

/** Where the value is among ascending distinct values that contain it. */
const findValue = (ascending: Float64Array, value: number): number => {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

const distinctAscending = (values: Float64Array): Float64Array => {
  values.sort()
  let distinct = 0
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0 && values[index] === values[distinct - 1]) continue
    values[distinct] = values[index]
    distinct += 1
  }
  return values.subarray(0, distinct)
}

/** Rows of weight 0 have no part in it. O(n log n). */
export const toScoreSteps = (
  { labels, rows, weights }: Pick<Scored, 'labels' | 'rows' | 'weights'>,
  scores: ArrayLike<number>,
): ScoreSteps => {
  const counted = new Float64Array(rows)
  let count = 0
  for (let row = 0; row < rows; row += 1) {
    if (weights[row] === 0) continue
    // Adding 0 turns -0 into 0: a typed array sorts them apart, though they are a tie.
    counted[count] = scores[row] + 0
    count += 1
  }
  const ascending = distinctAscending(counted.subarray(0, count))
  const last = ascending.length - 1
  const truePositives = new Float64Array(ascending.length)
  const falsePositives = new Float64Array(ascending.length)
  for (let row = 0; row < rows; row += 1) {
    if (weights[row] === 0) continue
    const step = last - findValue(ascending, scores[row])
    if (labels[row] === 1) truePositives[step] += weights[row]
    else falsePositives[step] += weights[row]
  }
  for (let step = 1; step <= last; step += 1) {
    truePositives[step] += truePositives[step - 1]
    falsePositives[step] += falsePositives[step - 1]
  }
  return { scores: ascending.slice().reverse(), truePositives, falsePositives }
}
