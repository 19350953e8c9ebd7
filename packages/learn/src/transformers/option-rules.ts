import type { OptionRule } from '../options.ts'

const refuse = (name: string, wanted: string, value: unknown): never => {
  throw new RangeError(`${name} must be ${wanted}, not ${JSON.stringify(value)}`)
}

/** Two numbers, the first one below the second, both within the limits. */
export const rangeOption =
  (
    standard: readonly [number, number],
    [least, greatest]: readonly [number, number] = [-Infinity, Infinity],
  ): OptionRule<readonly [number, number]> =>
  (name, value = standard) => {
    const within =
      Array.isArray(value) &&
      value.length === 2 &&
      value.every((item) => Number.isFinite(item) && item >= least && item <= greatest)
    if (!within || value[0] >= value[1])
      return refuse(
        name,
        `two ascending numbers${least === -Infinity ? '' : ` from ${least} to ${greatest}`}`,
        value,
      )
    return [value[0], value[1]]
  }

/** What another rule reads, or null, which is the default. */
export const optional =
  <T>(rule: OptionRule<T>): OptionRule<T | null> =>
  (name, value = null) =>
    value === null ? null : rule(name, value)

/** A list of some of the choices, none of them twice. */
export const someOption =
  <T extends string>(standard: readonly T[], choices: readonly T[]): OptionRule<readonly T[]> =>
  (name, value = standard) => {
    const proper =
      Array.isArray(value) &&
      value.every((item) => choices.includes(item)) &&
      new Set(value).size === value.length
    return proper
      ? (value as readonly T[])
      : refuse(name, `a list of ${choices.join(', ')}, each at most once`, value)
  }
