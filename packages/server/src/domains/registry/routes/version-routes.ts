import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RegistryService } from '../service.ts'
import { changeKinds } from '../version-label.ts'
import {
  by,
  closed,
  Description,
  Model,
  Page,
  refOf,
  Tags,
  TagValue,
  tags,
  Version,
  VersionTag,
} from './schemas.ts'

const Nullable = Type.Optional(Type.Union([Type.String(), Type.Null()]))

/** Versions of models and their tags. */
export function versionRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/models/:name/versions',
      { schema: { tags, summary: 'Versions of a model, newest first', params: Model, querystring: Page } },
      (request) => registry.listVersions(request.params.name, request.query),
    )
    app.post(
      '/v1/models/:name/versions',
      {
        schema: {
          tags,
          summary: 'Register the next version from a source; from then on its files cannot change',
          params: Model,
          body: Type.Object(
            {
              source: Type.String(),
              runId: Nullable,
              modelId: Nullable,
              runLink: Nullable,
              description: Type.Optional(Description),
              tags: Type.Optional(Tags),
              change: Type.Optional(Type.Enum([...changeKinds])),
            },
            closed,
          ),
        },
      },
      async ({ params, body }, reply) =>
        reply.status(201).send(await registry.createVersion({ ...body, model: params.name })),
    )
    app.get(
      '/v1/models/:name/versions/:version',
      { schema: { tags, summary: 'One version with its gate result and lineage', params: Version } },
      (request) => registry.getVersion(refOf(request.params)),
    )
    app.patch(
      '/v1/models/:name/versions/:version',
      {
        schema: {
          tags,
          summary: 'Describe a version anew',
          params: Version,
          body: Type.Object({ description: Description }, closed),
        },
      },
      ({ params, body }) => registry.updateVersion(refOf(params), body),
    )
    app.delete(
      '/v1/models/:name/versions/:version',
      { schema: { tags, summary: 'Delete a version that no endpoint serves', params: Version } },
      async (request, reply) => {
        await registry.deleteVersion(refOf(request.params), by)
        return reply.status(204).send()
      },
    )
    app.put(
      '/v1/models/:name/versions/:version/tags/:key',
      { schema: { tags, summary: 'Set a tag of a version', params: VersionTag, body: TagValue } },
      async ({ params, body }, reply) => {
        await registry.setVersionTag(refOf(params), { key: params.key, value: body.value })
        return reply.status(204).send()
      },
    )
    app.delete(
      '/v1/models/:name/versions/:version/tags/:key',
      { schema: { tags, summary: 'Delete a tag of a version', params: VersionTag } },
      async ({ params }, reply) => {
        await registry.deleteVersionTag(refOf(params), params.key)
        return reply.status(204).send()
      },
    )
  }
}
