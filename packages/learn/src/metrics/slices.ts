import { checkInteger } from '../check-integer.ts'
import type { Column, Frame } from '../frame.ts'
import type { Prediction } from '../model.ts'
import { findQuantiles } from '../quantiles.ts'
import type { Target } from '../target.ts'
import {
  computeScores,
  type EvaluateOptions,
  resolveMetrics,
  type Scores,
  standardMetrics,
} from './evaluate.ts'
import { toEvaluationRows } from './evaluation-rows.ts'
import type { EvaluationRows } from './metric.ts'

/** Which rows are in a slice, by the value of one column. */
export type SliceCondition =
  | { readonly kind: 'category'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** low <= value < high; the last range has its high end, too. Milliseconds for times. */
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly isLast: boolean }
  | { readonly kind: 'missing' }

export interface Slice {
  readonly column: string
  readonly condition: SliceCondition
  readonly rows: number
  readonly scores: Scores
  /** Why a metric has no value here. */
  readonly undefinedScores: Readonly<Record<string, string>>
}

export interface SliceOptions extends EvaluateOptions {
  /** Which columns to slice by. Default: all. */
  readonly columns?: readonly string[]
  /** Numbers and times are cut at their quantiles into so many ranges. Default 4. */
  readonly bins?: number
  /** Slices of fewer rows are left out. Default 1. */
  readonly minRows?: number
}

type Membership = { readonly condition: SliceCondition; readonly has: (row: number) => boolean }

const sliceNumbers = (values: ArrayLike<number>, bins: number): Membership[] => {
  const shares = Array.from({ length: bins + 1 }, (_, index) => index / bins)
  const edges = [...new Set(findQuantiles(values, shares))].filter((edge) => !Number.isNaN(edge))
  if (edges.length === 1) edges.push(edges[0])
  return edges.slice(1).map((high, index) => {
    const low = edges[index]
    const isLast = index === edges.length - 2
    const has = (row: number): boolean =>
      values[row] >= low && (values[row] < high || (isLast && values[row] <= high))
    return { condition: { kind: 'range', low, high, isLast }, has }
  })
}

const sliceColumn = (column: Column, bins: number): Membership[] => {
  if (column.kind === 'categorical')
    return [
      ...column.categories.map((value, code) => ({
        condition: { kind: 'category', value } as const,
        has: (row: number) => column.codes[row] === code,
      })),
      { condition: { kind: 'missing' }, has: (row) => column.codes[row] === -1 },
    ]
  if (column.kind === 'boolean')
    return [
      ...[false, true].map((value) => ({
        condition: { kind: 'boolean', value } as const,
        has: (row: number) => column.values[row] === Number(value),
      })),
      { condition: { kind: 'missing' }, has: (row) => column.values[row] === -1 },
    ]
  return [
    ...sliceNumbers(column.values, bins),
    { condition: { kind: 'missing' }, has: (row) => Number.isNaN(column.values[row]) },
  ]
}

const pick = <T>(values: ArrayLike<T> | undefined, rows: readonly number[]): T[] | undefined =>
  values && rows.map((row) => values[row])

/** Some of the rows. */
const takeEvaluationRows = (all: EvaluationRows, rows: readonly number[]): EvaluationRows => {
  const common = { rows: rows.length, weights: pick(all.weights, rows), queries: pick(all.queries, rows) }
  if (all.task === 'regression')
    return {
      ...common,
      task: 'regression',
      actual: Float64Array.from(rows, (row) => all.actual[row]),
      predicted: Float64Array.from(rows, (row) => all.predicted[row]),
    }
  const width = all.classes.length
  const probabilities = new Float64Array(rows.length * width)
  rows.forEach((row, index) => {
    probabilities.set(all.probabilities.subarray(row * width, (row + 1) * width), index * width)
  })
  return {
    ...common,
    task: 'classification',
    classes: all.classes,
    codes: Int32Array.from(rows, (row) => all.codes[row]),
    predicted: Int32Array.from(rows, (row) => all.predicted[row]),
    probabilities,
  }
}

/**
 * Metrics of the rows of each category, range of numbers or times, and of those where the column is missing: where a
 * model is worse than on average. Throws as `evaluate`, and a RangeError for columns and rows that do not fit. A metric
 * that a slice does not define is left out there, with a reason.
 */
export const evaluateSlices = (
  prediction: Prediction,
  target: Target,
  { frame, ...options }: SliceOptions & { readonly frame: Frame },
): Slice[] => {
  const all = toEvaluationRows(prediction, target, options)
  if (frame.rows !== all.rows)
    throw new RangeError(`the frame has ${frame.rows} rows, the target ${all.rows}; they must be equal`)
  const metrics = resolveMetrics(options.metrics ?? standardMetrics(all))
  const bins = checkInteger('bins', options.bins ?? 4, [1, 1000])
  const minRows = checkInteger('minRows', options.minRows ?? 1, [1, 2 ** 31])
  const counts = (row: number): boolean => all.weights === undefined || all.weights[row] > 0
  return (options.columns ?? Object.keys(frame.columns)).flatMap((name) => {
    if (!Object.hasOwn(frame.columns, name)) throw new RangeError(`the frame has no column '${name}'`)
    return sliceColumn(frame.columns[name], bins).flatMap(({ condition, has }): Slice[] => {
      const rows: number[] = []
      for (let row = 0; row < all.rows; row += 1) if (counts(row) && has(row)) rows.push(row)
      if (rows.length < minRows) return []
      const scored = computeScores(takeEvaluationRows(all, rows), metrics)
      return [{ column: name, condition, rows: rows.length, ...scored }]
    })
  })
}
