import type { LearnerSpec } from './learner.ts'

/** How to read one option: returns what to use for it, `undefined` meaning that it was not given. */
export type OptionRule<T> = (name: string, value: unknown) => T

/** A rule for each option that there is; T has all of them. */
export type OptionRules<T> = { readonly [K in keyof T]: OptionRule<T[K]> }

const describe = (value: unknown): string =>
  typeof value === 'string' ? `'${value}'` : typeof value === 'object' ? JSON.stringify(value) : String(value)

const refuse = (name: string, wanted: string, value: unknown): never => {
  throw new RangeError(`${name} must be ${wanted}, not ${describe(value)}`)
}

interface NumberLimits {
  /** The least value allowed. */
  readonly min?: number
  /** All allowed values are greater than this. */
  readonly above?: number
  /** The greatest value allowed. */
  readonly max?: number
}

const describeLimits = ({ min, above, max }: NumberLimits): string =>
  [
    ...(min === undefined ? [] : [`>= ${min}`]),
    ...(above === undefined ? [] : [`> ${above}`]),
    ...(max === undefined ? [] : [`<= ${max}`]),
  ].join(' and ')

const isWithin = (
  value: number,
  { min = -Infinity, above = -Infinity, max = Infinity }: NumberLimits,
): boolean => value >= min && value > above && value <= max

/** A finite number. */
export const numberOption =
  (standard: number, limits: NumberLimits = {}): OptionRule<number> =>
  (name, value = standard) =>
    typeof value === 'number' && Number.isFinite(value) && isWithin(value, limits)
      ? value
      : refuse(name, `a finite number ${describeLimits(limits)}`.trimEnd(), value)

/** An integer from `low` to `high`. */
export const integerOption =
  (standard: number, low: number, high: number): OptionRule<number> =>
  (name, value = standard) =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high
      ? value
      : refuse(name, `an integer from ${low} to ${high}`, value)

/** The seed of everything random: any 32-bit integer, 0 by default. */
export const seedOption: OptionRule<number> = integerOption(0, -(2 ** 31), 2 ** 32 - 1)

/** true or false. */
export const flagOption =
  (standard: boolean): OptionRule<boolean> =>
  (name, value = standard) =>
    typeof value === 'boolean' ? value : refuse(name, 'true or false', value)

/** One of a few values. */
export const choiceOption =
  <T extends string | null>(standard: T, choices: readonly T[]): OptionRule<T> =>
  (name, value = standard) =>
    (choices.find((choice) => choice === value) ?? (value === null && choices.includes(null as T)))
      ? (value as T)
      : refuse(name, choices.map(describe).join(' or '), value)

/** A text that is not empty. */
export const textOption =
  (standard: string): OptionRule<string> =>
  (name, value = standard) =>
    typeof value === 'string' && value !== '' ? value : refuse(name, 'a text that is not empty', value)

/**
 * Every option with its value, given or default. Throws a RangeError that names the option that there is not, or
 * that has a value it cannot have, and the value.
 */
export const resolveOptions = <T>(kind: string, rules: OptionRules<T>, given: object): T => {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(rules, name))
  if (unknown !== undefined)
    throw new RangeError(`${kind} has no option '${unknown}'; it has ${Object.keys(rules).join(', ')}`)
  const values = new Map(Object.entries(given))
  return Object.fromEntries(
    Object.entries<OptionRule<unknown>>(rules).map(([name, rule]) => [
      name,
      rule(`${kind}'s ${name}`, values.get(name)),
    ]),
  ) as T
}

/** A specification with the options that were given; they are checked as {@link resolveOptions} does. */
export const makeSpec = <K extends string, O extends object>(
  kind: K,
  rules: OptionRules<O>,
  options: Partial<O>,
): LearnerSpec & { readonly kind: K } => {
  resolveOptions(kind, rules, options)
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { kind, options: Object.fromEntries(given) }
}
