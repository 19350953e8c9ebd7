import { Type } from 'typebox'
import type { LoggedMetric, Metric } from './metric.ts'
import { toWireNumber } from './metric.ts'
import type { RunDetail } from './run.ts'

export const tags = ['Tracking']

export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
}
export const View = Type.Union([Type.Literal('active'), Type.Literal('deleted'), Type.Literal('all')], {
  default: 'active',
})
export const IdParams = Type.Object({ id: Type.String() })
/** A key may contain slashes. */
export const KeyParams = Type.Object({ id: Type.String(), '*': Type.String() })
export const Texts = Type.Record(Type.String(), Type.String())
const WireNumber = Type.Union([
  Type.Number(),
  Type.Literal('NaN'),
  Type.Literal('Infinity'),
  Type.Literal('-Infinity'),
])
export const Dataset = Type.Object({ name: Type.String(), digest: Type.String() })

export const WireMetric = Type.Object({
  key: Type.String(),
  value: WireNumber,
  at: Type.Integer({ minimum: 0, description: 'Milliseconds' }),
  step: Type.Integer({ default: 0 }),
  model: Type.Optional(Type.String({ description: 'Id of a logged model, which gets the value, too' })),
  dataset: Type.Optional(Dataset),
})

export function fromWireMetric(metric: Type.Static<typeof WireMetric>): LoggedMetric {
  return { ...metric, value: Number(metric.value) }
}

export function toWireMetric<M extends Metric>(metric: M) {
  return { ...metric, value: toWireNumber(metric.value) }
}

export function toWireRun(run: RunDetail) {
  return { ...run, metrics: run.metrics.map(toWireMetric) }
}
