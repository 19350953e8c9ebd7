import type { CategoricalColumn, Frame, NumericColumn } from '../frame.ts'
import { type BinaryTarget, checkTrainingTarget } from '../target.ts'
import { findMedian } from './median.ts'

type FittedNumeric = { readonly kind: 'numeric'; readonly name: string; readonly median: number }
type FittedCategorical = {
  readonly kind: 'categorical'
  readonly name: string
  readonly categories: readonly string[]
  /** One encoded value for each category. */
  readonly means: Float32Array
}
export type FittedColumn = FittedNumeric | FittedCategorical

/** What preprocessing learnt: how each column becomes one float32 feature, in this order. */
export type Preprocessor = {
  /** Share of the positive class; what a missing or unknown category becomes. A float32. */
  readonly prior: number
  readonly columns: readonly FittedColumn[]
}

export type PreprocessorOptions = {
  /** Weight of the prior in a category's mean, in rows. Default 20. */
  readonly smoothing?: number
}

const fitNumeric = (name: string, column: NumericColumn): FittedNumeric => {
  const row = column.values.findIndex((value) => value === Infinity || value === -Infinity)
  if (row !== -1)
    throw new RangeError(`column '${name}' is infinite in row ${row}; use NaN (missing) or a finite value`)
  // Adding 0 turns -0 into 0, which survives JSON.
  return { kind: 'numeric', name, median: Math.fround(findMedian(column.values) ?? 0) + 0 }
}

type MeanRule = { readonly prior: number; readonly smoothing: number }

const categoryMeans = (column: CategoricalColumn, target: BinaryTarget, rule: MeanRule): Float32Array => {
  const counts = new Float64Array(column.categories.length)
  const positives = new Float64Array(column.categories.length)
  for (let row = 0; row < column.codes.length; row += 1) {
    const code = column.codes[row]
    if (code === -1) continue
    counts[code] = counts[code] + 1
    positives[code] = positives[code] + target.labels[row]
  }
  return Float32Array.from(counts, (count, code) => {
    const weight = count + rule.smoothing
    return weight === 0 ? rule.prior : (positives[code] + rule.smoothing * rule.prior) / weight
  })
}

/**
 * Learns how to turn a frame into float32 features.
 * Numeric: NaN becomes the median (0 if the whole column is missing).
 * Categorical: a category c becomes its smoothed target mean (n₁(c) + m·prior) / (n(c) + m), with
 * m = `smoothing` (Micci-Barreca 2001); missing and unknown become the prior.
 * Throws a RangeError for an empty frame, a target that is not 0/1 or constant, and infinite values.
 */
export const fitPreprocessor = (
  frame: Frame,
  labels: ArrayLike<number>,
  options: PreprocessorOptions = {},
): Preprocessor => {
  const smoothing = options.smoothing ?? 20
  if (!(smoothing >= 0 && smoothing < Infinity))
    throw new RangeError(`smoothing must be a finite number >= 0, not ${smoothing}`)
  const target = checkTrainingTarget(labels, frame.rows)
  const prior = target.positives / frame.rows
  const columns = Object.entries(frame.columns).map(([name, column]): FittedColumn => {
    if (column.kind === 'numeric') return fitNumeric(name, column)
    if (column.kind !== 'categorical')
      throw new TypeError(
        `column '${name}' is ${column.kind}; this model takes numeric and categorical columns`,
      )
    const means = categoryMeans(column, target, { prior, smoothing })
    return { kind: 'categorical', name, categories: [...column.categories], means }
  })
  return { prior: Math.fround(prior), columns }
}
