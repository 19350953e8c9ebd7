/**
 * Every combination of the values given for each option, the last option changing fastest:
 * `optionGrid({ alpha: [0.1, 1], fitIntercept: [true, false] }).map((options) => ridge(options))`.
 * Throws a RangeError for an option without values, and for more than 100 000 combinations.
 */
export const optionGrid = <T extends Readonly<Record<string, unknown>>>(
  values: {
    readonly [K in keyof T]: readonly T[K][]
  },
): T[] => {
  const entries = Object.entries(values) as [string, readonly unknown[]][]
  const count = entries.reduce((product, [, own]) => product * own.length, 1)
  const empty = entries.find(([, own]) => own.length === 0)
  if (empty) throw new RangeError(`option '${empty[0]}' of the grid has no values`)
  if (count > 100_000) throw new RangeError(`the grid has ${count} combinations; at most 100000 are made`)
  return entries.reduce<Record<string, unknown>[]>(
    (combinations, [name, own]) =>
      combinations.flatMap((known) => own.map((value) => ({ ...known, [name]: value }))),
    [{}],
  ) as T[]
}
