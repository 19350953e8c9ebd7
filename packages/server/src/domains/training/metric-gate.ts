import {
  type Classification,
  evaluate,
  metric,
  type Regression,
  type Target,
  UndefinedMetricError,
} from '@millrace/learn'
import { fail } from '@millrace/protocol'
import { type Static, Type } from 'typebox'
import { type Check, summarise } from './gate.ts'

const Limits = Type.Object(
  { min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) },
  { additionalProperties: false, minProperties: 1 },
)

/** A gate for any task: each metric within its limits. Metrics are called as in learn: `rootMeanSquaredError`. */
export const MetricGate = Type.Object(
  { metrics: Type.Record(Type.String({ minLength: 1 }), Limits, { minProperties: 1 }) },
  { additionalProperties: false },
)
export type MetricGate = Static<typeof MetricGate>

/** How a model did on rows it has not seen, in the metrics of its task, and what the gate says. */
export interface MetricEvaluation {
  kind: 'evaluation'
  /** Digest of the model's manifest. */
  model: string
  runId: string
  /** Digest of the training set it was measured on. */
  data: string
  task: 'classification' | 'regression'
  rows: number
  /** Event times of the first and the last row, in milliseconds. */
  from: number
  through: number
  scores: Record<string, number>
  gate: MetricGate
  checks: Check[]
  passed: boolean
  reason: string
}

interface MetricEvaluationInput {
  model: { digest: string; runId: string }
  rows: { set: string; digest: string; times: Float64Array; target: Target }
  prediction: Classification | Regression
  gate: MetricGate
}

/**
 * Pure: the same input gives the same evaluation.
 * @throws `step.input_invalid` for a metric that there is not, or that is for another task;
 * `evaluation.data_unusable` if the rows do not define one of the gate
 */
export function evaluateMetrics({ model, rows, prediction, gate }: MetricEvaluationInput): MetricEvaluation {
  const { times, target } = rows
  const scores: Record<string, number> = { ...evaluate(prediction, target) }
  const checks = Object.entries(gate.metrics).map(([name, limits]): Check => {
    scores[name] ??= measure(name, { rows, prediction })
    return checkLimits(name, scores[name], limits)
  })
  return {
    kind: 'evaluation',
    model: model.digest,
    runId: model.runId,
    data: rows.digest,
    task: prediction.task,
    rows: times.length,
    from: times[0],
    through: times[times.length - 1],
    scores,
    gate,
    checks,
    ...summarise(checks),
  }
}

function measure(
  name: string,
  { rows, prediction }: Pick<MetricEvaluationInput, 'rows' | 'prediction'>,
): number {
  try {
    return evaluate(prediction, rows.target, { metrics: [metric(name)] })[name]
  } catch (error) {
    if (error instanceof UndefinedMetricError) {
      throw fail('evaluation.data_unusable', { set: rows.set, reason: error.message }, error)
    }
    if (error instanceof RangeError || error instanceof TypeError) {
      throw fail('step.input_invalid', { input: `gate.metrics.${name}`, reason: error.message }, error)
    }
    throw error
  }
}

function checkLimits(name: string, value: number, { min, max }: Static<typeof Limits>): Check {
  const limits = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(' and ')
  return {
    passed: value >= (min ?? Number.NEGATIVE_INFINITY) && value <= (max ?? Number.POSITIVE_INFINITY),
    detail: `${name} ${Number(value.toPrecision(4))} (${limits})`,
  }
}
