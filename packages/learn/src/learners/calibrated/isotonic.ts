/** A rising broken line through the points (x, y); level outside of them. x ascending, at least one point. */
export interface IsotonicCurve {
  readonly x: Float64Array
  readonly y: Float64Array
}

interface Block {
  low: number
  high: number
  sum: number
  weight: number
}

const mean = ({ sum, weight }: Block): number => sum / weight

/** The mean outcome of each score, scores ascending. */
const groupScores = (scores: Float64Array, outcomes: ArrayLike<number>, weights: Float64Array): Block[] => {
  const order = Array.from(scores.keys())
    .filter((row) => weights[row] > 0)
    .sort((a, b) => scores[a] - scores[b])
  const blocks: Block[] = []
  for (const row of order) {
    const last = blocks.at(-1)
    if (last && last.high === scores[row]) {
      last.sum += weights[row] * outcomes[row]
      last.weight += weights[row]
    } else
      blocks.push({
        low: scores[row],
        high: scores[row],
        sum: weights[row] * outcomes[row],
        weight: weights[row],
      })
  }
  return blocks
}

/**
 * Isotonic regression: the rising values with the least Σ weight (outcome - value)², by pooling adjacent violators
 * (Ayer et al. 1955). Only the ends of level stretches are kept.
 */
export const fitIsotonic = (
  scores: Float64Array,
  outcomes: ArrayLike<number>,
  weights: Float64Array,
): IsotonicCurve => {
  const pooled: Block[] = []
  for (const block of groupScores(scores, outcomes, weights)) {
    let next = block
    for (let last = pooled.at(-1); last && mean(last) >= mean(next); last = pooled.at(-1)) {
      pooled.pop()
      next = {
        low: last.low,
        high: next.high,
        sum: last.sum + next.sum,
        weight: last.weight + next.weight,
      }
    }
    pooled.push(next)
  }
  const points = pooled.flatMap((block) =>
    block.low === block.high
      ? [[block.low, mean(block)]]
      : [
          [block.low, mean(block)],
          [block.high, mean(block)],
        ],
  )
  return {
    x: Float64Array.from(points, ([x]) => x),
    y: Float64Array.from(points, ([, y]) => y),
  }
}

/** The height of the line at `score`. */
export const interpolate = ({ x, y }: IsotonicCurve, score: number): number => {
  if (score <= x[0]) return y[0]
  let low = 0
  let high = x.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle] <= score) low = middle
    else high = middle
  }
  if (high === x.length) return y[low]
  return y[low] + ((score - x[low]) / (x[high] - x[low])) * (y[high] - y[low])
}
