import type { LoggedMetric, Metric } from '../../../domains/tracking/index.ts'
import { MlflowError } from '../mlflow-error.ts'
import { type Message, messageOf, required } from './message.ts'
import { double, int64, text, withDefault } from './types.ts'

export const metricFields = {
  key: required(text),
  value: required(double),
  timestamp: required(int64),
  step: withDefault(int64, 0),
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
} as const

export const metric = messageOf(metricFields)

export function toLoggedMetric(given: Message<typeof metricFields>): LoggedMetric {
  const { key, value, timestamp, step, model_id, dataset_name, dataset_digest } = given
  if (!dataset_name !== !dataset_digest) {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      'Both dataset_name and dataset_digest must be provided if one is provided',
    )
  }
  return {
    key,
    value,
    at: timestamp,
    step,
    ...(model_id ? { model: model_id } : {}),
    ...(dataset_name && dataset_digest ? { dataset: { name: dataset_name, digest: dataset_digest } } : {}),
  }
}

export function fromMetric({ key, value, at, step }: Metric) {
  return { key, value: fromNumber(value), timestamp: at, step }
}

/** JSON has no NaN. Infinities are the greatest numbers, as in MLflow's databases: its clients compare with those. */
function fromNumber(value: number): number | string {
  if (Number.isNaN(value)) return 'NaN'
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value))
}
