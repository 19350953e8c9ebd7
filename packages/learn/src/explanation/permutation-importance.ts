import { checkInteger } from '../check-integer.ts'
import { predict } from '../fit.ts'
import type { Frame } from '../frame.ts'
import type { TrainingData } from '../learner.ts'
import { evaluate, type MetricChoice } from '../metrics/evaluate.ts'
import { getMetricKind } from '../metrics/metric-kinds.ts'
import type { Model } from '../model.ts'
import { createRandom } from '../random.ts'
import { countUp, shuffle } from '../splits/shuffle.ts'
import { takeFrameRows } from '../take-rows.ts'
import type { Label } from '../target.ts'

export interface PermutationImportanceOptions {
  /** What is measured. */
  readonly metric: MetricChoice
  /** Columns to shuffle, each alone; a list of columns is shuffled together, as one. Default: each column alone. */
  readonly columns?: readonly (string | readonly string[])[]
  /** Default 5. */
  readonly nRepeats?: number
  /** Default 0. */
  readonly seed?: number
  /** Which query each row belongs to, for ranking metrics. */
  readonly queries?: ArrayLike<string | number>
  /** The positive one of two classes. Default: the last one. */
  readonly positive?: Label
}

export interface PermutationImportance {
  readonly columns: readonly string[]
  /** How much worse the metric becomes, in its units, for each repetition; below 0: better. */
  readonly importances: Float64Array
  readonly mean: number
  /** Over the repetitions (n); what scikit-learn calls importances_std. */
  readonly standardDeviation: number
}

/** The frame with some columns in another order of rows; the other columns stay. */
const shuffleColumns = (frame: Frame, names: readonly string[], order: Uint32Array): Frame => {
  const chosen = Object.fromEntries(names.map((name) => [name, frame.columns[name]]))
  const { columns } = takeFrameRows({ rows: frame.rows, columns: chosen }, order)
  return { rows: frame.rows, columns: { ...frame.columns, ...columns } }
}

const checkColumns = (frame: Frame, { columns }: PermutationImportanceOptions): string[][] => {
  const groups = (columns ?? Object.keys(frame.columns)).map((group) =>
    typeof group === 'string' ? [group] : [...group],
  )
  for (const group of groups) {
    if (group.length === 0) throw new RangeError('a list of columns to shuffle is empty')
    const unknown = group.find((name) => !Object.hasOwn(frame.columns, name))
    if (unknown !== undefined) throw new RangeError(`the frame has no column '${unknown}'`)
  }
  return groups
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin & Dominici 2019): how much worse a metric becomes when a column's
 * values are shuffled among the rows, which keeps their distribution but not what they say. Columns that say the same
 * hide each other's importance: shuffle them together. Measure on rows that the model has not learnt from. Repetition r
 * shuffles all columns alike, so that the order of columns does not matter.
 * Throws as `predict` and `evaluate`, and a RangeError for columns that there are not.
 */
export const permutationImportance = (
  model: Model,
  { frame, target, weights }: TrainingData,
  options: PermutationImportanceOptions,
): { readonly baseline: number; readonly columns: readonly PermutationImportance[] } => {
  if (!target) throw new RangeError('permutation importance needs a target to measure against')
  const { metric, queries, positive } = options
  const nRepeats = checkInteger('nRepeats', options.nRepeats ?? 5, [1, 10_000])
  const { direction } = getMetricKind(typeof metric === 'string' ? metric : metric.kind)
  const groups = checkColumns(frame, options)
  const measure = (rows: Frame): number => {
    const [score] = Object.values(
      evaluate(predict(model, rows), target, { weights, queries, positive, metrics: [metric] }),
    )
    return score
  }
  const baseline = measure(frame)
  const orders = Array.from({ length: nRepeats }, (_, repetition) =>
    shuffle(countUp(frame.rows), createRandom(options.seed ?? 0, repetition)),
  )
  const columns = groups.map((group) => {
    const importances = Float64Array.from(orders, (order) => {
      const score = measure(shuffleColumns(frame, group, order))
      return direction === 'maximize' ? baseline - score : score - baseline
    })
    const mean = importances.reduce((sum, value) => sum + value, 0) / nRepeats
    const squares = importances.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return { columns: group, importances, mean, standardDeviation: Math.sqrt(squares / nRepeats) }
  })
  return { baseline, columns }
}
