import { checkLabels } from '../target.ts'

/** Predicts the same probability for every row. */
export type ConstantBaseline = { readonly kind: 'constant-baseline'; readonly rate: number }

/**
 * The share of class 1, the best constant for log loss; a target of one class is allowed.
 * Throws a RangeError for no rows and labels other than 0 and 1.
 */
export const fitConstantBaseline = (target: ArrayLike<number>): ConstantBaseline => {
  if (target.length === 0) throw new RangeError('a baseline needs at least one row')
  return { kind: 'constant-baseline', rate: checkLabels(target, target.length).positives / target.length }
}

/** The probability of class 1 for each of `rows` rows. */
export const predictConstant = (baseline: ConstantBaseline, rows: number): Float64Array =>
  new Float64Array(rows).fill(baseline.rate)
