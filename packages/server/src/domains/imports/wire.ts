import { type Static, Type } from 'typebox'
import type { ImportedLoggedModel, Metric } from '../tracking/index.ts'

/** Bodies of the routes. Times are milliseconds. */

const Entries = Type.Record(Type.String(), Type.String())
const Time = Type.Integer({ minimum: 0 })
const Nullable = <Schema extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Integer>>(
  schema: Schema,
) => Type.Union([schema, Type.Null()])
const Lifecycle = Type.Union([Type.Literal('active'), Type.Literal('deleted')])
const Step = Type.Integer()
/** NaN and the infinities travel as their names. */
const Value = Type.Union([
  Type.Number(),
  Type.Literal('NaN'),
  Type.Literal('Infinity'),
  Type.Literal('-Infinity'),
])

export const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 256 }) })
export const Name = Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) })
export const NameAndVersion = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 500 }),
  version: Type.Integer({ minimum: 1, maximum: 1e6 }),
})

export const Experiment = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 500 }),
  lifecycleStage: Lifecycle,
  createdAt: Nullable(Time),
  updatedAt: Nullable(Time),
  tags: Entries,
})

export const Run = Type.Object({
  experimentId: Type.String(),
  name: Type.String(),
  user: Type.String(),
  status: Type.Union([
    Type.Literal('RUNNING'),
    Type.Literal('SCHEDULED'),
    Type.Literal('FINISHED'),
    Type.Literal('FAILED'),
    Type.Literal('KILLED'),
  ]),
  lifecycleStage: Lifecycle,
  startedAt: Time,
  endedAt: Nullable(Time),
  deletedAt: Nullable(Time),
  params: Entries,
  tags: Entries,
  inputs: Type.Array(
    Type.Object({
      dataset: Type.Object({
        name: Type.String(),
        digest: Type.String(),
        sourceType: Type.String(),
        source: Type.String(),
        schema: Nullable(Type.String()),
        profile: Nullable(Type.String()),
      }),
      tags: Entries,
    }),
  ),
  modelInputs: Type.Array(Type.String()),
  modelOutputs: Type.Array(Type.Object({ model: Type.String(), step: Step })),
})

const Point = Type.Tuple([Type.String({ minLength: 1 }), Value, Type.Integer(), Step])
export const Metrics = Type.Object({ points: Type.Array(Point, { maxItems: 10_000 }) })

export const LoggedModel = Type.Object({
  experimentId: Type.String(),
  name: Type.String(),
  modelType: Nullable(Type.String()),
  sourceRun: Nullable(Type.String()),
  status: Type.Union([Type.Literal('PENDING'), Type.Literal('READY'), Type.Literal('UPLOAD_FAILED')]),
  statusMessage: Nullable(Type.String()),
  lifecycleStage: Lifecycle,
  createdAt: Time,
  updatedAt: Time,
  params: Entries,
  tags: Entries,
  metrics: Type.Array(
    Type.Object({
      key: Type.String({ minLength: 1 }),
      value: Value,
      at: Type.Integer(),
      step: Step,
      run: Type.String(),
      dataset: Type.Union([Type.Object({ name: Type.String(), digest: Type.String() }), Type.Null()]),
    }),
  ),
})

export const Model = Type.Object({
  description: Nullable(Type.String()),
  createdAt: Time,
  updatedAt: Time,
  tags: Entries,
})

export const Version = Type.Object({
  description: Nullable(Type.String()),
  userId: Nullable(Type.String()),
  stage: Type.Union([
    Type.Literal('None'),
    Type.Literal('Staging'),
    Type.Literal('Production'),
    Type.Literal('Archived'),
  ]),
  source: Type.String(),
  runId: Nullable(Type.String()),
  runLink: Nullable(Type.String()),
  modelId: Nullable(Type.String()),
  status: Type.Union([Type.Literal('READY'), Type.Literal('PENDING'), Type.Literal('FAILED')]),
  reason: Type.String(),
  createdAt: Time,
  updatedAt: Time,
  tags: Entries,
})

export function pointFromWire([key, value, at, step]: Static<typeof Point>): Metric {
  return { key, value: Number(value), at, step }
}

export function loggedModelFromWire(id: string, body: Static<typeof LoggedModel>): ImportedLoggedModel {
  const metrics = body.metrics.map((metric) => ({ ...metric, value: Number(metric.value) }))
  return { ...body, id, metrics }
}
