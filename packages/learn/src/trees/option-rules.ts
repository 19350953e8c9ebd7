import { integerOption, type OptionRule } from '../options.ts'

/** An integer from `low` to `high`, or null for no limit. */
export const limitOption =
  (standard: number | null, low: number, high: number): OptionRule<number | null> =>
  (name, value = standard) =>
    value === null ? null : integerOption(low, low, high)(name, value)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** -1, 0 or 1 by the name of a column. */
export const monotoneOption: OptionRule<Readonly<Record<string, -1 | 0 | 1>>> = (name, value = {}) => {
  if (!isRecord(value) || !Object.values(value).every((one) => one === -1 || one === 0 || one === 1))
    throw new RangeError(`${name} must be an object of -1, 0 or 1 by column, not ${JSON.stringify(value)}`)
  return value as Record<string, -1 | 0 | 1>
}
