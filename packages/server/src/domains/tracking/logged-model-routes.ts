import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type LoggedModelDetail, loggedModelStatuses } from './logged-model.ts'
import type { TrackingService } from './service.ts'
import { IdParams, KeyParams, PageQuery, Texts, tags, toWireMetric, View } from './wire.ts'

const Status = Type.Union(loggedModelStatuses.map((status) => Type.Literal(status)))

const toWire = (model: LoggedModelDetail) => ({ ...model, metrics: model.metrics.map(toWireMetric) })

export function loggedModelRoutes(tracking: TrackingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/logged-models',
      {
        schema: {
          tags,
          summary: 'Logged models, newest first, of an experiment or a run',
          querystring: Type.Object({
            experiment: Type.Optional(Type.String()),
            run: Type.Optional(Type.String()),
            view: View,
            ...PageQuery,
          }),
        },
      },
      ({ query: { experiment, run, view, ...page } }) =>
        tracking.listLoggedModels({ experiment, run, view }, page),
    )
    app.post(
      '/v1/logged-models',
      {
        schema: {
          tags,
          summary: 'Make a logged model, pending until its files are there',
          body: Type.Object({
            experimentId: Type.String(),
            name: Type.Optional(Type.String()),
            modelType: Type.Optional(Type.String()),
            sourceRun: Type.Optional(Type.String()),
            params: Type.Optional(Texts),
            tags: Type.Optional(Texts),
          }),
        },
      },
      async (request, reply) =>
        reply.status(201).send(toWire(await tracking.createLoggedModel(request.body))),
    )
    app.get(
      '/v1/logged-models/:id',
      {
        schema: {
          tags,
          summary: 'One logged model with parameters, tags and latest metrics',
          params: IdParams,
          querystring: Type.Object({ allowDeleted: Type.Boolean({ default: false }) }),
        },
      },
      async ({ params, query }) => toWire(await tracking.getLoggedModel(params.id, query)),
    )
    app.patch(
      '/v1/logged-models/:id',
      {
        schema: {
          tags,
          summary: 'Say that a logged model is ready, or why not',
          params: IdParams,
          body: Type.Object({ status: Status, message: Type.Optional(Type.String({ maxLength: 5000 })) }),
        },
      },
      async ({ params, body }) => toWire(await tracking.setLoggedModelStatus(params.id, body)),
    )
    app.delete(
      '/v1/logged-models/:id',
      { schema: { tags, summary: 'Delete a logged model, restorably', params: IdParams } },
      async (request, reply) => {
        await tracking.deleteLoggedModel(request.params.id)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/logged-models/:id/restore',
      { schema: { tags, summary: 'Restore a deleted logged model', params: IdParams } },
      async ({ params: { id } }) => {
        await tracking.restoreLoggedModel(id)
        return toWire(await tracking.getLoggedModel(id))
      },
    )
    app.post(
      '/v1/logged-models/:id/tags',
      {
        schema: {
          tags,
          summary: 'Set tags of a logged model',
          params: IdParams,
          body: Type.Object({ tags: Texts }),
        },
      },
      async ({ params: { id }, body }) => {
        await tracking.setLoggedModelTags(id, body.tags)
        return toWire(await tracking.getLoggedModel(id))
      },
    )
    app.delete(
      '/v1/logged-models/:id/tags/*',
      { schema: { tags, summary: 'Delete a tag of a logged model', params: KeyParams } },
      async (request, reply) => {
        await tracking.deleteLoggedModelTag(request.params.id, request.params['*'])
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/logged-models/:id/params',
      {
        schema: {
          tags,
          summary: 'Log parameters of a logged model; they never change',
          params: IdParams,
          body: Type.Object({ params: Texts }),
        },
      },
      async ({ params: { id }, body }) => {
        await tracking.logLoggedModelParams(id, body.params)
        return toWire(await tracking.getLoggedModel(id))
      },
    )
  }
}
