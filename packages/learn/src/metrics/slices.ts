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

/** The slices of a column, and which one of them a row is in; every row is in one. */
interface Slicing {
  readonly conditions: readonly SliceCondition[]
  readonly indexOf: (row: number) => number
}

const sliceNumbers = (values: ArrayLike<number>, bins: number): Slicing => {
  const shares = Array.from({ length: bins + 1 }, (_, index) => index / bins)
  const edges = [...new Set(findQuantiles(values, shares))].filter((edge) => !Number.isNaN(edge))
  if (edges.length === 1) edges.push(edges[0])
  const ranges = edges.slice(1).map((high, index): SliceCondition => {
    return { kind: 'range', low: edges[index], high, isLast: index === edges.length - 2 }
  })
  const indexOf = (row: number): number => {
    if (Number.isNaN(values[row])) return ranges.length
    let index = 0
    while (index < ranges.length - 1 && values[row] >= edges[index + 1]) index += 1
    return index
  }
  return { conditions: [...ranges, { kind: 'missing' }], indexOf }
}

const sliceColumn = (column: Column, bins: number): Slicing => {
  if (column.kind === 'categorical') {
    const { codes, categories } = column
    return {
      conditions: [...categories.map((value) => ({ kind: 'category', value }) as const), { kind: 'missing' }],
      indexOf: (row) => (codes[row] === -1 ? categories.length : codes[row]),
    }
  }
  if (column.kind === 'boolean')
    return {
      conditions: [{ kind: 'boolean', value: false }, { kind: 'boolean', value: true }, { kind: 'missing' }],
      indexOf: (row) => (column.values[row] === -1 ? 2 : column.values[row]),
    }
  return sliceNumbers(column.values, bins)
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
    const { conditions, indexOf } = sliceColumn(frame.columns[name], bins)
    const rowsOf = conditions.map((): number[] => [])
    for (let row = 0; row < all.rows; row += 1) if (counts(row)) rowsOf[indexOf(row)].push(row)
    return conditions.flatMap((condition, index): Slice[] => {
      const rows = rowsOf[index]
      if (rows.length < minRows) return []
      const scored = computeScores(takeEvaluationRows(all, rows), metrics)
      return [{ column: name, condition, rows: rows.length, ...scored }]
    })
  })
}
