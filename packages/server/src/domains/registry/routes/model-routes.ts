import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RegistryService } from '../service.ts'
import { closed, Description, Model, ModelTag, Page, Tags, TagValue, tags } from './schemas.ts'

/** Registered models and their tags. */
export function modelRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/models',
      { schema: { tags, summary: 'Registered models with their aliases, by name', querystring: Page } },
      (request) => registry.listModels(request.query),
    )
    app.post(
      '/v1/models',
      {
        schema: {
          tags,
          summary: 'Register a model without versions',
          body: Type.Object(
            { name: Type.String(), description: Type.Optional(Description), tags: Type.Optional(Tags) },
            closed,
          ),
        },
      },
      async (request, reply) => reply.status(201).send(await registry.createModel(request.body)),
    )
    app.get(
      '/v1/models/:name',
      { schema: { tags, summary: 'One registered model', params: Model } },
      (request) => registry.getModel(request.params.name),
    )
    app.patch(
      '/v1/models/:name',
      {
        schema: {
          tags,
          summary: 'Describe a model anew or rename it; a model that is served keeps its name',
          params: Model,
          body: Type.Object(
            { description: Type.Optional(Description), name: Type.Optional(Type.String()) },
            { ...closed, minProperties: 1 },
          ),
        },
      },
      async ({ params, body }) => {
        const { name = params.name, description } = body
        if (name !== params.name) await registry.renameModel(params.name, name)
        return description === undefined
          ? registry.getModel(name)
          : registry.updateModel(name, { description })
      },
    )
    app.delete(
      '/v1/models/:name',
      { schema: { tags, summary: 'Delete a model with all its versions, for good', params: Model } },
      async (request, reply) => {
        await registry.deleteModel(request.params.name)
        return reply.status(204).send()
      },
    )
    app.put(
      '/v1/models/:name/tags/:key',
      { schema: { tags, summary: 'Set a tag of a model', params: ModelTag, body: TagValue } },
      async ({ params, body }, reply) => {
        await registry.setModelTag(params.name, { key: params.key, value: body.value })
        return reply.status(204).send()
      },
    )
    app.delete(
      '/v1/models/:name/tags/:key',
      { schema: { tags, summary: 'Delete a tag of a model', params: ModelTag } },
      async ({ params }, reply) => {
        await registry.deleteModelTag(params.name, params.key)
        return reply.status(204).send()
      },
    )
  }
}
