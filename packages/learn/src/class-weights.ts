import type { OptionRule } from './options.ts'
import type { ClassTarget } from './target.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** How much each class weighs: null (1 each), 'balanced', or a weight by class. */
export type ClassWeight = null | 'balanced' | Readonly<Record<string, number>>

export const classWeightOption: OptionRule<ClassWeight> = (name, value = null) => {
  if (value === null || value === 'balanced') return value
  const proper = (weight: unknown): boolean => typeof weight === 'number' && weight >= 0 && weight < Infinity
  if (!isRecord(value) || !Object.values(value).every(proper))
    throw new RangeError(
      `${name} must be null, 'balanced' or an object of numbers >= 0 by class, not ${JSON.stringify(value)}`,
    )
  return value as Record<string, number>
}

const factors = (
  { codes, classes }: ClassTarget,
  weights: Float64Array | undefined,
  option: Exclude<ClassWeight, null>,
): number[] => {
  if (option === 'balanced') {
    const sums = classes.map(() => 0)
    for (let row = 0; row < codes.length; row += 1) sums[codes[row]] += weights?.[row] ?? 1
    const total = sums.reduce((sum, one) => sum + one, 0)
    const present = sums.filter((sum) => sum > 0).length
    return sums.map((sum) => (sum === 0 ? 0 : total / (present * sum)))
  }
  const known = new Set(classes.map(String))
  const unknown = Object.keys(option).find((name) => !known.has(name))
  if (unknown !== undefined)
    throw new RangeError(`classWeight has '${unknown}'; the classes are ${[...known].join(', ')}`)
  return classes.map((label) => (Object.hasOwn(option, String(label)) ? option[String(label)] : 1))
}

/**
 * The weight of each row times that of its class; 'balanced' is rows / (classes that occur × rows of the
 * class), as in scikit-learn. Undefined if all are 1. Throws a RangeError for a class that does not occur.
 */
export const weighByClass = (
  target: ClassTarget,
  weights: Float64Array | undefined,
  option: ClassWeight,
): Float64Array | undefined => {
  if (option === null) return weights
  const ofClass = factors(target, weights, option)
  const weighed = Float64Array.from(target.codes, (code, row) => ofClass[code] * (weights?.[row] ?? 1))
  if (weighed.every((weight) => weight === 0)) throw new RangeError('classWeight leaves no row any weight')
  return weighed
}
