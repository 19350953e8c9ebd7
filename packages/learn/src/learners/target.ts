import type { TrainingData } from '../learner.ts'
import type { ClassTarget, NumberTarget } from '../target.ts'

/** The target of a classifier; throws a TypeError if there is none, or one of numbers. */
export const requireClasses = (kind: string, { target }: TrainingData): ClassTarget => {
  if (target?.kind !== 'classes')
    throw new TypeError(`${kind} learns classes; give it a target made by classTarget()`)
  return target
}

/** The target of a regressor; throws a TypeError if there is none, or one of classes. */
export const requireNumbers = (kind: string, { target }: TrainingData): NumberTarget => {
  if (target?.kind !== 'numbers')
    throw new TypeError(`${kind} learns numbers; give it a target made by numberTarget()`)
  return target
}

/** The weight of each row; 1 where none were given. */
export const resolveWeights = ({ frame, weights }: TrainingData): Float64Array =>
  weights ?? new Float64Array(frame.rows).fill(1)

/** The sum of the weights of each class. */
export const weighClasses = ({ codes, classes }: ClassTarget, weights: Float64Array): Float64Array => {
  const sums = new Float64Array(classes.length)
  for (let row = 0; row < codes.length; row += 1) sums[codes[row]] += weights[row]
  return sums
}
