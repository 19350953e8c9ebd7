import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { toWireNumber } from './metric.ts'
import { runStatuses } from './run.ts'
import type { TrackingService } from './service.ts'
import {
  Dataset,
  fromWireMetric,
  IdParams,
  KeyParams,
  PageQuery,
  Texts,
  tags,
  toWireRun,
  View,
  WireMetric,
} from './wire.ts'

const Status = Type.Union(runStatuses.map((status) => Type.Literal(status)))
const Time = Type.Integer({ minimum: 0, description: 'Milliseconds' })

export function runRoutes(tracking: TrackingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/runs',
      {
        schema: {
          tags,
          summary: 'Runs, newest first, of one experiment (by id) or of all',
          querystring: Type.Object({
            experiment: Type.Optional(Type.String()),
            group: Type.Optional(Type.String({ maxLength: 200 })),
            view: View,
            ...PageQuery,
          }),
        },
      },
      ({ query: { limit, pageToken, ...filter } }) => tracking.listRuns(filter, { limit, pageToken }),
    )
    app.post(
      '/v1/runs',
      {
        schema: {
          tags,
          summary: 'Start a run; a key makes it safe to repeat and takes a failed run up again',
          body: Type.Object({
            experiment: Type.Optional(Type.String({ description: 'Name; made if it does not exist' })),
            experimentId: Type.Optional(Type.String()),
            key: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
            name: Type.Optional(Type.String()),
            user: Type.Optional(Type.String()),
            startedAt: Type.Optional(Time),
            status: Type.Optional(Status),
            group: Type.Optional(Type.String({ description: 'Runs that belong together name the same' })),
            tags: Type.Optional(Texts),
          }),
        },
      },
      async (request, reply) => reply.status(201).send(await tracking.createRun(request.body)),
    )
    app.get(
      '/v1/runs/:id',
      {
        schema: {
          tags,
          summary: 'One run with parameters, tags, latest metrics, inputs and outputs; also if it is deleted',
          params: IdParams,
        },
      },
      async (request) => toWireRun(await tracking.getRun(request.params.id)),
    )
    app.patch(
      '/v1/runs/:id',
      {
        schema: {
          tags,
          summary: 'End, take up again, rename or regroup a run',
          params: IdParams,
          body: Type.Object({
            status: Type.Optional(Status),
            endedAt: Type.Optional(Time),
            name: Type.Optional(Type.String()),
            group: Type.Optional(
              Type.Union([Type.String(), Type.Null()], { description: 'Null takes it out of its group' }),
            ),
          }),
        },
      },
      (request) => tracking.updateRun(request.params.id, request.body),
    )
    app.delete(
      '/v1/runs/:id',
      { schema: { tags, summary: 'Delete a run, restorably', params: IdParams } },
      async (request, reply) => {
        await tracking.deleteRun(request.params.id)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/runs/:id/restore',
      { schema: { tags, summary: 'Restore a deleted run', params: IdParams } },
      async (request) => {
        await tracking.restoreRun(request.params.id)
        return tracking.getRunInfo(request.params.id)
      },
    )
    app.post(
      '/v1/runs/:id/batch',
      {
        schema: {
          tags,
          summary: 'Log parameters, metrics and tags, all or nothing; safe to repeat',
          params: IdParams,
          body: Type.Object({
            params: Type.Optional(Texts),
            metrics: Type.Optional(Type.Array(WireMetric, { maxItems: 10_000 })),
            tags: Type.Optional(Texts),
          }),
        },
      },
      async (request, reply) => {
        const { metrics = [], ...entries } = request.body
        await tracking.logBatch({
          run: request.params.id,
          ...entries,
          metrics: metrics.map(fromWireMetric),
        })
        return reply.status(204).send()
      },
    )
    app.delete(
      '/v1/runs/:id/tags/*',
      { schema: { tags, summary: 'Delete a tag of a run', params: KeyParams } },
      async (request, reply) => {
        await tracking.deleteRunTag(request.params.id, request.params['*'])
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/runs/:id/inputs',
      {
        schema: {
          tags,
          summary: 'Name datasets and models that go into a run; safe to repeat',
          params: IdParams,
          body: Type.Object({
            datasets: Type.Optional(
              Type.Array(
                Type.Object({
                  dataset: Type.Object({
                    ...Dataset.properties,
                    sourceType: Type.String(),
                    source: Type.String(),
                    schema: Type.Optional(Type.String()),
                    profile: Type.Optional(Type.String()),
                  }),
                  tags: Type.Optional(Texts),
                }),
              ),
            ),
            models: Type.Optional(Type.Array(Type.String())),
          }),
        },
      },
      async (request, reply) => {
        await tracking.logInputs({ run: request.params.id, ...request.body })
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/runs/:id/outputs',
      {
        schema: {
          tags,
          summary: 'Name logged models that come out of a run; safe to repeat',
          params: IdParams,
          body: Type.Object({
            models: Type.Array(Type.Object({ model: Type.String(), step: Type.Integer({ default: 0 }) })),
          }),
        },
      },
      async (request, reply) => {
        await tracking.logOutputs(request.params.id, request.body.models)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/runs/compare',
      {
        schema: {
          tags,
          summary: 'Parameters, tags and latest metrics of up to 100 runs side by side, with what differs',
          body: Type.Object({ runs: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }) }),
        },
      },
      async (request) => {
        const { metrics, ...rest } = await tracking.compareRuns(request.body.runs)
        return {
          ...rest,
          metrics: metrics.map(({ key, values, differs }) => ({
            key,
            values: values.map((value) => (value === null ? null : toWireNumber(value))),
            differs,
          })),
        }
      },
    )
  }
}
