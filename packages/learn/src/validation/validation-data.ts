import { checkFitData } from '../check-data.ts'
import type { TrainingData } from '../learner.ts'
import {
  computeScores,
  type MetricChoice,
  resolveMetrics,
  type Scores,
  standardMetrics,
} from '../metrics/evaluate.ts'
import { toEvaluationRows } from '../metrics/evaluation-rows.ts'
import type { MetricSpec } from '../metrics/metric.ts'
import type { Prediction } from '../model.ts'
import { makeSplits } from '../splits/make-splits.ts'
import type { Split, SplitSpec } from '../splits/split.ts'
import { takeRows } from '../take-rows.ts'
import type { Label } from '../target.ts'

/** Rows to learn from and to test on, with what splits and rankings may need. */
export interface ValidationData extends TrainingData {
  /** Rows of one group are never on both sides of a split that looks at groups. */
  readonly groups?: ArrayLike<string | number>
  /** Time of each row in milliseconds, for splits in time. */
  readonly times?: ArrayLike<number>
  /** Which query each row belongs to, for ranking metrics. */
  readonly queries?: ArrayLike<string | number>
}

/** How rows are scored. */
export interface ScoringOptions {
  /** Default: the usual ones for the task. */
  readonly metrics?: readonly MetricChoice[]
  /** The positive one of two classes. Default: the last one. */
  readonly positive?: Label
}

/** What one test gives; `undefinedScores` says why a metric has no value there (ROC AUC of one class). */
export interface TestScores {
  readonly scores: Scores
  readonly undefinedScores: Readonly<Record<string, string>>
}

/** Throws a RangeError for data that cannot be learnt from, or that has no target. */
export const checkValidationData = (data: ValidationData): void => {
  checkFitData(data)
  if (!data.target) throw new RangeError('validation needs a target to test against')
}

/** Checks splits that are given, or makes them. Throws as `makeSplits`, and a RangeError for rows that there are not. */
export const resolveSplits = (
  splits: SplitSpec | readonly Split[],
  data: ValidationData,
): readonly Split[] => {
  const { rows } = data.frame
  if (!('kind' in splits)) {
    if (splits.length === 0) throw new RangeError('validation needs at least one split')
    for (const { train, test } of splits) {
      if (train.length === 0 || test.length === 0) throw new RangeError('a split needs rows on both sides')
      const inTrain = new Uint8Array(rows)
      for (const row of train) inTrain[row] = 1
      const wrong = [...train, ...test].find((row) => row >= rows)
      if (wrong !== undefined) throw new RangeError(`a split has row ${wrong}; there are ${rows} rows`)
      const twice = test.find((row) => inTrain[row] === 1)
      if (twice !== undefined) throw new RangeError(`a split has row ${twice} on both sides`)
    }
    return splits
  }
  const codes = data.target?.kind === 'classes' ? data.target.codes : undefined
  return makeSplits(splits, { rows, codes, groups: data.groups, times: data.times })
}

/** Some of the rows with all that belongs to them. */
export const takeValidationRows = (data: ValidationData, rows: Uint32Array): ValidationData => {
  const take = <T>(values: ArrayLike<T> | undefined): T[] | undefined =>
    values && Array.from(rows, (row) => values[row])
  return {
    ...takeRows(data, rows),
    groups: take(data.groups),
    times: take(data.times),
    queries: take(data.queries),
  }
}

/** Scores the prediction of these rows. Throws as `evaluate`, except for metrics that are undefined there. */
export const scoreRows = (
  prediction: Prediction,
  test: Uint32Array,
  { data, ...options }: ScoringOptions & { readonly data: ValidationData },
): TestScores => {
  const { target, weights, queries } = takeValidationRows(
    { ...data, frame: { rows: data.frame.rows, columns: {} } },
    test,
  )
  if (!target) throw new RangeError('validation needs a target to test against')
  const rows = toEvaluationRows(prediction, target, { weights, queries, positive: options.positive })
  const specs: readonly MetricSpec[] = resolveMetrics(options.metrics ?? standardMetrics(rows))
  return computeScores(rows, specs)
}

/** Of the folds that define a metric. */
export interface ScoreSummary {
  readonly mean: number
  /** Of the folds as a sample (n − 1); 0 for one fold. */
  readonly standardDeviation: number
  readonly folds: number
}

/** Mean and spread of each metric over the tests that define it. */
export const summariseScores = (tests: readonly TestScores[]): Readonly<Record<string, ScoreSummary>> => {
  const names = new Set(tests.flatMap(({ scores }) => Object.keys(scores)))
  return Object.fromEntries(
    Array.from(names, (name) => {
      const values = tests.flatMap(({ scores }) => (Object.hasOwn(scores, name) ? [scores[name]] : []))
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      const standardDeviation = Math.sqrt(squares / Math.max(1, values.length - 1))
      return [name, { mean, standardDeviation, folds: values.length }]
    }),
  )
}
