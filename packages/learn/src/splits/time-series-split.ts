import { integerOption, makeSpec, numberOption, type OptionRule, type OptionRules } from '../options.ts'
import { countUp } from './shuffle.ts'
import { defineSplit, type SplitRows, type SplitSpec } from './split.ts'

export interface TimeSeriesSplitOptions {
  /** Default 5. */
  readonly nSplits?: number
  /** Rows between training and test that neither gets. Default 0. */
  readonly gap?: number
  /** Milliseconds before the first time of the test that training leaves out; needs times. Default 0. */
  readonly gapTime?: number
  /** At most so many rows to learn from, the latest. Default: all before. */
  readonly maxTrainSize?: number
  /** Rows of each test. Default: rows / (nSplits + 1), rounded down. */
  readonly testSize?: number
}

const optionalCount: OptionRule<number | undefined> = (name, value) =>
  value === undefined ? undefined : integerOption(1, 1, 2 ** 32)(name, value)

const rules: OptionRules<TimeSeriesSplitOptions & { nSplits: number; gap: number; gapTime: number }> = {
  nSplits: integerOption(5, 1, 1_000_000),
  gap: integerOption(0, 0, 2 ** 32),
  gapTime: numberOption(0, { min: 0 }),
  maxTrainSize: optionalCount,
  testSize: optionalCount,
}

/**
 * Tests of equal size, each later than the rows it is learnt from, as scikit-learn's TimeSeriesSplit. Rows may come in
 * any order if they have times; rows of the very time at which a test begins are then not learnt from.
 * Throws a RangeError for wrong options.
 */
export const timeSeriesSplit = (options: TimeSeriesSplitOptions = {}): SplitSpec =>
  makeSpec('timeSeriesSplit', rules, options)

const orderByTime = ({ rows, times }: SplitRows): Uint32Array => {
  const order = countUp(rows)
  if (!times) return order
  if (times.length !== rows)
    throw new RangeError(`there are ${times.length} times for ${rows} rows; they must be equal`)
  for (let row = 0; row < rows; row += 1)
    if (!Number.isFinite(times[row])) throw new RangeError(`row ${row} has no time: ${times[row]}`)
  return order.sort((a, b) => times[a] - times[b] || a - b)
}

export const timeSeriesSplitKind = defineSplit('timeSeriesSplit', rules, (given, options) => {
  const { nSplits, gap, gapTime, maxTrainSize = Infinity } = options
  const { rows, times } = given
  const testSize = options.testSize ?? Math.floor(rows / (nSplits + 1))
  if (gapTime > 0 && !times) throw new TypeError('timeSeriesSplit needs times for a gapTime')
  if (testSize < 1 || rows - testSize * nSplits - gap < 1)
    throw new RangeError(
      `timeSeriesSplit cannot make ${nSplits} tests of ${testSize} rows after a gap of ${gap} of ${rows} rows`,
    )
  const order = orderByTime(given)
  return Array.from({ length: nSplits }, (_, split) => {
    const begin = rows - (nSplits - split) * testSize
    let end = begin - gap
    if (times) {
      const latest = times[order[begin]] - gapTime
      while (end > 0 && (times[order[end - 1]] > latest || times[order[end - 1]] === times[order[begin]]))
        end -= 1
    }
    if (end < 1)
      throw new RangeError(
        `timeSeriesSplit: test ${split + 1} of ${nSplits} has no rows before it to learn from`,
      )
    return {
      train: order.slice(Math.max(0, end - maxTrainSize), end).sort(),
      test: order.slice(begin, begin + testSize).sort(),
    }
  })
})
