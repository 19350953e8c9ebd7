import { flagOption, makeSpec, numberOption, type OptionRules, seedOption } from '../options.ts'
import { createRandom } from '../random.ts'
import { countUp, shuffle } from './shuffle.ts'
import { defineSplit, requireCodes, type Split, type SplitSpec } from './split.ts'

export interface HoldOutOptions {
  /** Rows to test on: a share below 1 (rounded up), or a number of rows. Default 0.25. */
  readonly testSize?: number
  /** Whether rows are drawn; otherwise the last ones are held out. Default true. */
  readonly shuffle?: boolean
  /** Default 0. */
  readonly seed?: number
}
export type StratifiedHoldOutOptions = Omit<HoldOutOptions, 'shuffle'>

const stratifiedRules: OptionRules<Required<StratifiedHoldOutOptions>> = {
  testSize: numberOption(0.25, { above: 0 }),
  seed: seedOption,
}
const rules: OptionRules<Required<HoldOutOptions>> = { ...stratifiedRules, shuffle: flagOption(true) }

const countTest = (rows: number, testSize: number): number => {
  const count = testSize < 1 ? Math.ceil(rows * testSize) : testSize
  if (!Number.isInteger(count) || count < 1 || count >= rows)
    throw new RangeError(`testSize ${testSize} of ${rows} rows must leave whole rows on both sides`)
  return count
}

const toSplit = (rows: number, test: Iterable<number>): Split[] => {
  const isTest = new Uint8Array(rows)
  for (const row of test) isTest[row] = 1
  const all = countUp(rows)
  return [{ train: all.filter((row) => isTest[row] === 0), test: all.filter((row) => isTest[row] === 1) }]
}

/** One split into training and test. Throws a RangeError for wrong options. */
export const holdOut = (options: HoldOutOptions = {}): SplitSpec => makeSpec('holdOut', rules, options)

export const holdOutKind = defineSplit('holdOut', rules, ({ rows }, { testSize, seed, ...options }) => {
  const count = countTest(rows, testSize)
  const order = countUp(rows)
  if (options.shuffle) shuffle(order, createRandom(seed))
  return toSplit(rows, order.subarray(rows - count))
})

/**
 * One split with the classes in the same shares on both sides, each class rounded so that the sizes are met (largest
 * remainder). A class of one row stays in training. Throws a RangeError for wrong options.
 */
export const stratifiedHoldOut = (options: StratifiedHoldOutOptions = {}): SplitSpec =>
  makeSpec('stratifiedHoldOut', stratifiedRules, options)

export const stratifiedHoldOutKind = defineSplit(
  'stratifiedHoldOut',
  stratifiedRules,
  (given, { testSize, seed }) => {
    const codes = requireCodes('stratifiedHoldOut', given)
    const count = countTest(given.rows, testSize)
    const members = new Map<number, number[]>()
    for (const row of shuffle(countUp(given.rows), createRandom(seed))) {
      const own = members.get(codes[row])
      if (own) own.push(row)
      else members.set(codes[row], [row])
    }
    const classes = [...members.entries()].sort(([a], [b]) => a - b).map(([, rows]) => rows)
    const wanted = classes.map((rows) => (rows.length === 1 ? 0 : (rows.length * count) / given.rows))
    const taken = wanted.map(Math.floor)
    const byRemainder = Array.from(wanted.keys()).sort(
      (a, b) => wanted[b] - taken[b] - (wanted[a] - taken[a]) || a - b,
    )
    let missing = count - taken.reduce((sum, own) => sum + own, 0)
    for (const at of byRemainder) {
      if (missing === 0) break
      if (taken[at] + 1 >= classes[at].length) continue
      taken[at] += 1
      missing -= 1
    }
    if (missing > 0)
      throw new RangeError(
        `stratifiedHoldOut cannot take ${count} of ${given.rows} rows and leave some of each class`,
      )
    return toSplit(
      given.rows,
      classes.flatMap((rows, at) => rows.slice(0, taken[at])),
    )
  },
)
