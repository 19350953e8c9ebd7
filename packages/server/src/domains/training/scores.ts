import {
  type Classification,
  evaluate,
  metric,
  metricDirection,
  type Regression,
  type RowLossMetric,
  type Target,
  UndefinedMetricError,
} from '@millrace/learn'
import { fail } from '@millrace/protocol'
import type { EvaluationTask } from './evaluation-target.ts'

export type Scores = Record<string, number>

/** What is compared, and given with its uncertainty, by task. */
const main: Record<EvaluationTask, readonly string[]> = {
  'binary-classification': ['logLoss', 'brierScore', 'rocAuc'],
  'multiclass-classification': ['logLoss', 'accuracy'],
  regression: ['rootMeanSquaredError', 'meanAbsoluteError', 'r2'],
}

export function mainMetrics(task: EvaluationTask): readonly string[] {
  return main[task]
}

/** The loss of a row by which two models are compared unless another one is asked for. */
export function mainLoss(task: EvaluationTask): RowLossMetric {
  return task === 'regression' ? 'meanSquaredError' : 'logLoss'
}

/** The loss of a row that ranks slices; of numbers in the unit of the label. */
export function sliceLoss(task: EvaluationTask): RowLossMetric {
  return task === 'regression' ? 'meanAbsoluteError' : 'logLoss'
}

/** The rows of a training set with their truth. */
export interface Judging {
  set: string
  target: Target
}

/**
 * Values of metrics that are needed, `place` being the input that names them.
 * @throws `step.input_invalid` for a metric of another task; `evaluation.data_unusable` if the rows do not define one
 */
export function measure(
  prediction: Classification | Regression,
  { set, target }: Judging,
  { names, place }: { names: readonly string[]; place: string },
): Scores {
  const scores: Scores = {}
  for (const name of names) {
    try {
      Object.assign(scores, evaluate(prediction, target, { metrics: [metric(name)] }))
    } catch (error) {
      if (error instanceof UndefinedMetricError) {
        throw fail('evaluation.data_unusable', { set, reason: `${name}: ${error.message}` }, error)
      }
      if (error instanceof RangeError || error instanceof TypeError) {
        throw fail('step.input_invalid', { input: `${place}.${name}`, reason: error.message }, error)
      }
      throw error
    }
  }
  return scores
}

/** Values of the main metrics of the task, as far as the rows define them. */
export function measureMain(
  prediction: Classification | Regression,
  target: Target,
  task: EvaluationTask,
): Scores {
  try {
    return evaluate(prediction, target, { metrics: main[task] })
  } catch (error) {
    if (!(error instanceof UndefinedMetricError)) throw error
    return Object.assign({}, ...main[task].map((name) => measureIfDefined(prediction, target, name)))
  }
}

function measureIfDefined(prediction: Classification | Regression, target: Target, name: string): Scores {
  try {
    return evaluate(prediction, target, { metrics: [name] })
  } catch (error) {
    if (error instanceof UndefinedMetricError) return {}
    throw error
  }
}

/** By how much a value is better than another one; below 0 if it is worse. */
export function improvement(name: string, value: number, over: number): number {
  return metricDirection(name) === 'maximize' ? value - over : over - value
}

/** The best of some values. */
export function bestOf(name: string, values: readonly number[]): number {
  return metricDirection(name) === 'maximize' ? Math.max(...values) : Math.min(...values)
}
