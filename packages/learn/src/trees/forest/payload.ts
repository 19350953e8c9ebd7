import type { Random } from '../../random.ts'
import type { ForestWork } from './work.ts'

/** The rows of a tree: how often each was drawn, and what the histograms sum. */
export interface TreeRows {
  /** Rows in use, ascending; they are written to `rows`. */
  readonly count: number
  /** A sum of numbers (of weights) is the histogram's divided by this. */
  readonly numberScale: number
  readonly weightScale: number
}

/** How often each row was drawn: `drawn` draws with replacement, or each once for 0. Rows of weight 0 stay out. */
const drawTimes = (times: Uint16Array, drawn: number, random: Random): void => {
  if (drawn === 0) {
    times.fill(1)
    return
  }
  times.fill(0)
  for (let draw = 0; draw < drawn; draw += 1) times[random.below(times.length)] += 1
}

const scaleFor = (sum: number): number =>
  sum > 0 ? 2 ** Math.max(-200, Math.min(200, Math.floor(Math.log2(2 ** 30 / sum)))) : 1

/**
 * Draws the rows of a tree and writes what its histograms are to sum, as whole numbers. Two classes without weights
 * are counts, so that nothing is rounded.
 */
export const drawTreeRows = (
  { sums, classes, target, weights, rules: { drawn } }: ForestWork,
  { rows, payload, times }: { rows: Uint32Array; payload: Int32Array; times: Uint16Array },
  random: Random,
): TreeRows => {
  drawTimes(times, drawn, random)
  let numberSum = 0
  let weightSum = 0
  for (let row = 0; row < target.length; row += 1) {
    const weight = times[row] * (weights?.[row] ?? 1)
    numberSum += Math.abs(target[row]) * weight
    weightSum += weight
  }
  const counted = weights === undefined
  const weightScale = counted ? 1 : scaleFor(weightSum)
  const numberScale = counted && classes > 0 ? 1 : scaleFor(numberSum)
  let count = 0
  for (let row = 0; row < target.length; row += 1) {
    const weight = times[row] * (weights?.[row] ?? 1)
    if (weight === 0) continue
    rows[count] = row
    count += 1
    payload[row * 2] = sums === 'classes' ? target[row] : Math.round(target[row] * weight * numberScale)
    payload[row * 2 + 1] = Math.round(weight * weightScale)
  }
  // For entries of classes the weight comes second, and for numbers the hessian does.
  return { count, numberScale, weightScale }
}
