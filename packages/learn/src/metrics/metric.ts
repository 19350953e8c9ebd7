import { type OptionRules, resolveOptions } from '../options.ts'
import type { Label } from '../target.ts'
import type { WeightedMetric } from './weighted-metric.ts'

/**
 * What to measure, as plain data: see `LearnerSpec`. {@link metric} makes one; where no options are needed, the name
 * of the kind will do.
 */
export interface MetricSpec {
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  /** What the result is called. Default: the kind. */
  readonly name?: string
}

interface MetricRows {
  readonly rows: number
  readonly weights?: ArrayLike<number>
  readonly queries?: ArrayLike<string | number>
}

/** Rows with their true class and what was predicted; for two classes, the last one is the positive. */
export interface ClassificationRows extends MetricRows {
  readonly task: 'classification'
  readonly classes: readonly Label[]
  readonly codes: Int32Array
  readonly predicted: Int32Array
  /** Row after row, one for each class. */
  readonly probabilities: Float64Array
}

export interface RegressionRows extends MetricRows {
  readonly task: 'regression'
  readonly actual: Float64Array
  readonly predicted: Float64Array
}

/** Truth and prediction of the same rows in the form that metrics are computed from. */
export type EvaluationRows = ClassificationRows | RegressionRows

/** One metric. Every kind is listed once, in `metric-kinds.ts`. */
export interface MetricKind {
  readonly kind: string
  readonly direction: 'maximize' | 'minimize'
  /** Which rows it is computed by default for; 'ranking' where there are queries. */
  readonly standardFor: readonly ('binary' | 'multiclass' | 'regression' | 'ranking')[]
  /** Throws a RangeError for options that there are not, or wrong values. */
  check(options: object): void
  /** Throws a TypeError for rows of another task, an UndefinedMetricError where it has no value. */
  compute(rows: EvaluationRows, options: object): number
  /** The metric of rows that `compute` accepts, for other weights than theirs. */
  prepare(rows: EvaluationRows, options: object): WeightedMetric
}

interface MetricDefinition<R, O> {
  readonly kind: string
  readonly direction: MetricKind['direction']
  readonly standardFor: MetricKind['standardFor']
  readonly rules: OptionRules<O>
  readonly accept: (kind: string, rows: EvaluationRows) => R
  readonly compute: (rows: R, options: O) => number
  readonly prepare: (rows: R, options: O) => WeightedMetric
}

/** Binds the types of rows and options together, so that the list of kinds need not know them. */
export const defineMetric = <R, O>(definition: MetricDefinition<R, O>): MetricKind => {
  const { kind, direction, standardFor, rules, accept, compute, prepare } = definition
  return {
    kind,
    direction,
    standardFor,
    check: (options) => {
      resolveOptions(kind, rules, options)
    },
    compute: (rows, options) => compute(accept(kind, rows), resolveOptions(kind, rules, options)),
    prepare: (rows, options) => prepare(accept(kind, rows), resolveOptions(kind, rules, options)),
  }
}
