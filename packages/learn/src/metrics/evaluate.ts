import type { Prediction } from '../model.ts'
import type { Target } from '../target.ts'
import { type EvaluationOptions, toEvaluationRows } from './evaluation-rows.ts'
import type { EvaluationRows, MetricSpec } from './metric.ts'
import { getMetricKind, metricKinds } from './metric-kinds.ts'
import { UndefinedMetricError } from './undefined-metric.ts'

/** A metric by its name, or with options. */
export type MetricChoice = string | MetricSpec

/** Values of metrics by name. */
export type Scores = Readonly<Record<string, number>>

/**
 * A metric with options, as plain data; `name` is what its result is called. Throws a RangeError that names the
 * option or lists the metrics there are.
 */
export const metric = (kind: string, options: object = {}, name: string = kind): MetricSpec => {
  getMetricKind(kind).check(options)
  return { kind, options: { ...options }, name }
}

/** The metrics that are meant, checked. Throws a RangeError for one that there is not, and for a name twice. */
export const resolveMetrics = (metrics: readonly MetricChoice[]): Required<MetricSpec>[] => {
  const specs = metrics.map((choice) => {
    const { kind, options, name } = typeof choice === 'string' ? metric(choice) : choice
    getMetricKind(kind).check(options)
    return { kind, options, name: name ?? kind }
  })
  const names = new Set<string>()
  for (const { name } of specs) {
    if (names.has(name)) throw new RangeError(`two metrics are called '${name}'; give one another name`)
    names.add(name)
  }
  return specs
}

const isStandard = (rows: EvaluationRows, standardFor: readonly string[]): boolean => {
  const task = rows.task === 'regression' ? 'regression' : rows.classes.length > 2 ? 'multiclass' : 'binary'
  return standardFor.includes(task) || (rows.queries !== undefined && standardFor.includes('ranking'))
}

/** Names of the metrics that are computed unless others are asked for. */
export const standardMetrics = (rows: EvaluationRows): string[] =>
  [...metricKinds.values()].filter(({ standardFor }) => isStandard(rows, standardFor)).map(({ kind }) => kind)

/** Values, and why there is none where a metric is undefined. Other errors go through. */
export const computeScores = (
  rows: EvaluationRows,
  metrics: readonly MetricSpec[],
): { readonly scores: Scores; readonly undefinedScores: Readonly<Record<string, string>> } => {
  const scores: Record<string, number> = {}
  const undefinedScores: Record<string, string> = {}
  for (const { kind, options, name } of metrics) {
    try {
      scores[name ?? kind] = getMetricKind(kind).compute(rows, options)
    } catch (error) {
      if (!(error instanceof UndefinedMetricError)) throw error
      undefinedScores[name ?? kind] = error.message
    }
  }
  return { scores, undefinedScores }
}

export interface EvaluateOptions extends EvaluationOptions {
  /** What to measure. Default: the usual ones for the task, those left out that these rows do not define. */
  readonly metrics?: readonly MetricChoice[]
}

/**
 * Measures a prediction against the truth: named metrics. Classes that the model does not know have probability 0.
 * Throws a RangeError or TypeError that names what is wrong; an UndefinedMetricError for a metric that was asked for
 * and has no value on these rows (ROC AUC of one class).
 */
export const evaluate = (prediction: Prediction, target: Target, options: EvaluateOptions = {}): Scores => {
  const rows = toEvaluationRows(prediction, target, options)
  const specs = resolveMetrics(options.metrics ?? standardMetrics(rows))
  const { scores, undefinedScores } = computeScores(rows, specs)
  const [missing] = Object.values(undefinedScores)
  if (options.metrics && missing !== undefined) throw new UndefinedMetricError(missing)
  return scores
}
