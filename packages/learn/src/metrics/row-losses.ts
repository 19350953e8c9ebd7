import type { Prediction } from '../model.ts'
import type { Target } from '../target.ts'
import { toEvaluationRows } from './evaluation-rows.ts'
import type { ClassificationRows, EvaluationRows } from './metric.ts'
import { getMetricKind } from './metric-kinds.ts'
import { brierLosses, logLosses, multiclassBrierLosses, multiclassLogLosses } from './probability-scores.ts'

/** Metrics that are the mean of a loss of each row. */
export const rowLossMetrics = ['logLoss', 'brierScore', 'meanSquaredError', 'meanAbsoluteError'] as const
export type RowLossMetric = (typeof rowLossMetrics)[number]

const classLosses = (metric: RowLossMetric, rows: ClassificationRows): Float64Array => {
  const { classes, codes, probabilities } = rows
  const isLog = metric === 'logLoss'
  if (classes.length > 2)
    return (isLog ? multiclassLogLosses : multiclassBrierLosses)(codes, probabilities, classes.length)
  const positive = Float64Array.from(codes, (_, row) => probabilities[row * 2 + 1])
  return (isLog ? logLosses : brierLosses)(codes, positive)
}

const lossesOf = (metric: RowLossMetric, rows: EvaluationRows): Float64Array => {
  const isOfClasses = metric === 'logLoss' || metric === 'brierScore'
  if (isOfClasses !== (rows.task === 'classification'))
    throw new TypeError(
      `${metric} is of ${isOfClasses ? 'classifications' : 'regressions'}, not of ${rows.task}`,
    )
  if (rows.task === 'classification') return classLosses(metric, rows)
  return rows.predicted.map((value, row) => {
    const error = value - rows.actual[row]
    return metric === 'meanSquaredError' ? error ** 2 : Math.abs(error)
  })
}

/**
 * What each row adds to the metric, whose mean over the rows is the metric: to compare two models row by row. Throws a
 * TypeError for a metric of another task, and as `evaluate`.
 */
export const rowLosses = (metric: RowLossMetric, prediction: Prediction, target: Target): Float64Array =>
  lossesOf(metric, toEvaluationRows(prediction, target))

/** Which way a metric is better. Throws a RangeError that lists the metrics there are. */
export const metricDirection = (kind: string): 'maximize' | 'minimize' => getMetricKind(kind).direction
