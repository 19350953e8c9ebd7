import type { OptionRule } from '../options.ts'
import type { ClassTarget } from '../target.ts'
import { weighClasses } from './target.ts'

/**
 * 'balanced': every class weighs the same in total; or a weight for each class by its name as a text, 1 for those
 * that are not named; null: as the rows are.
 */
export type ClassWeight = 'balanced' | Readonly<Record<string, number>> | null

export const classWeightOption: OptionRule<ClassWeight> = (name, value = null) => {
  if (value === null || value === 'balanced') return value
  if (typeof value === 'object' && !Array.isArray(value)) {
    const wrong = Object.entries(value).find(
      ([, weight]) => !(typeof weight === 'number' && weight >= 0 && weight < Infinity),
    )
    if (!wrong) return value as Readonly<Record<string, number>>
    throw new RangeError(`${name} of class '${wrong[0]}' must be a finite number >= 0, not ${wrong[1]}`)
  }
  throw new RangeError(
    `${name} must be null, 'balanced' or a weight for each class, not ${JSON.stringify(value)}`,
  )
}

/**
 * The weights of the rows times those of their classes; 'balanced' is (sum of weights) / (classes × sum of the
 * class's weights), as scikit-learn's. Throws a RangeError for the weight of a class that there is not.
 */
export const applyClassWeight = (
  classWeight: ClassWeight,
  target: ClassTarget,
  weights: Float64Array,
): Float64Array => {
  if (classWeight === null) return weights
  const factors = classFactors(classWeight, target, weights)
  return weights.map((weight, row) => weight * factors[target.codes[row]])
}

const classFactors = (
  classWeight: NonNullable<ClassWeight>,
  target: ClassTarget,
  weights: Float64Array,
): Float64Array => {
  if (classWeight === 'balanced') {
    const sums = weighClasses(target, weights)
    const total = sums.reduce((sum, weight) => sum + weight, 0)
    const present = sums.filter((sum) => sum > 0).length
    return sums.map((sum) => (sum > 0 ? total / (present * sum) : 0))
  }
  const names = target.classes.map(String)
  const unknown = Object.keys(classWeight).find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new RangeError(`classWeight names the class '${unknown}'; the target has ${names.join(', ')}`)
  return Float64Array.from(names, (name) => (Object.hasOwn(classWeight, name) ? classWeight[name] : 1))
}
