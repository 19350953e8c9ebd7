import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { TrackingService } from './service.ts'
import { IdParams, KeyParams, PageQuery, Texts, tags, View } from './wire.ts'

export function experimentRoutes(tracking: TrackingService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/experiments',
      {
        schema: {
          tags,
          summary: 'Experiments, newest first, or the one of a name',
          querystring: Type.Object({ view: View, name: Type.Optional(Type.String()), ...PageQuery }),
        },
      },
      async ({ query: { name, ...page } }) =>
        name === undefined
          ? tracking.listExperiments(page)
          : { items: [await tracking.getExperimentByName(name)] },
    )
    app.post(
      '/v1/experiments',
      {
        schema: {
          tags,
          summary: 'Make an experiment',
          body: Type.Object({
            name: Type.String(),
            artifactLocation: Type.Optional(Type.String()),
            tags: Type.Optional(Texts),
          }),
        },
      },
      async (request, reply) => reply.status(201).send(await tracking.createExperiment(request.body)),
    )
    app.get(
      '/v1/experiments/:id',
      { schema: { tags, summary: 'One experiment, also if it is deleted', params: IdParams } },
      (request) => tracking.getExperiment(request.params.id),
    )
    app.patch(
      '/v1/experiments/:id',
      {
        schema: {
          tags,
          summary: 'Rename an experiment',
          params: IdParams,
          body: Type.Object({ name: Type.String() }),
        },
      },
      (request) => tracking.renameExperiment(request.params.id, request.body.name),
    )
    app.delete(
      '/v1/experiments/:id',
      { schema: { tags, summary: 'Delete an experiment with its runs, restorably', params: IdParams } },
      async (request, reply) => {
        await tracking.deleteExperiment(request.params.id)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/experiments/:id/restore',
      { schema: { tags, summary: 'Restore an experiment with all its runs', params: IdParams } },
      async (request) => {
        await tracking.restoreExperiment(request.params.id)
        return tracking.getExperiment(request.params.id)
      },
    )
    app.post(
      '/v1/experiments/:id/tags',
      {
        schema: {
          tags,
          summary: 'Set tags of an experiment',
          params: IdParams,
          body: Type.Object({ tags: Texts }),
        },
      },
      async (request) => {
        await tracking.setExperimentTags(request.params.id, request.body.tags)
        return tracking.getExperiment(request.params.id)
      },
    )
    app.delete(
      '/v1/experiments/:id/tags/*',
      { schema: { tags, summary: 'Delete a tag of an experiment', params: KeyParams } },
      async (request, reply) => {
        await tracking.deleteExperimentTag(request.params.id, request.params['*'])
        return reply.status(204).send()
      },
    )
    app.get(
      '/v1/experiments/:id/datasets',
      {
        schema: {
          tags,
          summary: 'Datasets that the active runs of an experiment use, with their contexts; at most 1000',
          params: IdParams,
        },
      },
      async (request) => {
        const { id } = await tracking.getExperiment(request.params.id)
        return { items: await tracking.summarizeDatasets([id]) }
      },
    )
  }
}
