import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import { stages } from '../model-version.ts'
import type { RegistryService } from '../service.ts'
import { readStage } from '../stages.ts'
import { Alias, by, closed, Model, Page, Reason, refOf, Time, tags, Version } from './schemas.ts'

const number = Type.Integer({ minimum: 1 })
const Expected = Type.Optional(number)

/** Aliases and stages: pointers to versions, with their history. */
export function pointerRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/models/:name/aliases/:alias',
      {
        schema: {
          tags,
          summary: 'Where an alias points, or pointed at a time',
          params: Alias,
          querystring: Type.Object({ at: Time }),
        },
      },
      async ({ params, query }) => {
        const of = { model: params.name, alias: params.alias }
        await registry.getModel(params.name)
        const move = await registry.findAliasAt({ ...of, at: query.at ?? Number.MAX_SAFE_INTEGER })
        if (!move) throw fail('model.alias_not_found', of)
        return move
      },
    )
    app.get(
      '/v1/models/:name/aliases/:alias/history',
      { schema: { tags, summary: 'Every move of an alias, newest first', params: Alias, querystring: Page } },
      ({ params, query }) => registry.listAliasHistory({ model: params.name, alias: params.alias }, query),
    )
    app.put(
      '/v1/models/:name/aliases/:alias',
      {
        schema: {
          tags,
          summary:
            'Point an alias at a version; with `expected` only if it points there now (null = nowhere)',
          params: Alias,
          body: Type.Object(
            {
              version: number,
              reason: Reason,
              expected: Type.Optional(Type.Union([number, Type.Null()])),
            },
            closed,
          ),
        },
      },
      ({ params, body }) => registry.setAlias({ model: params.name, alias: params.alias, by, ...body }),
    )
    app.delete(
      '/v1/models/:name/aliases/:alias',
      {
        schema: {
          tags,
          summary: 'Delete an alias; its history stays',
          params: Alias,
          querystring: Type.Object({ reason: Reason, expected: Expected }),
        },
      },
      async ({ params, query }, reply) => {
        await registry.deleteAlias({ model: params.name, alias: params.alias }, { by, ...query })
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/models/:name/aliases/:alias/rollback',
      {
        schema: {
          tags,
          summary: 'Move an alias back to where it pointed before',
          params: Alias,
          body: Type.Object({ reason: Reason, expected: Expected }, closed),
        },
      },
      ({ params, body }) =>
        registry.rollbackAlias({ model: params.name, alias: params.alias }, { by, ...body }),
    )
    app.put(
      '/v1/models/:name/versions/:version/stage',
      {
        schema: {
          tags,
          summary: 'Move a version to a stage, and others out of it if wished',
          params: Version,
          body: Type.Object(
            {
              stage: Type.String(),
              reason: Reason,
              archiveExisting: Type.Optional(Type.Boolean()),
              expected: Type.Optional(Type.Enum([...stages])),
            },
            closed,
          ),
        },
      },
      ({ params, body }) => registry.transitionStage({ ...refOf(params), by, ...body }),
    )
    app.get(
      '/v1/models/:name/stages',
      {
        schema: {
          tags,
          summary: 'Every move between stages, newest first',
          params: Model,
          querystring: Page,
        },
      },
      ({ params, query }) => registry.listStageHistory(params.name, query),
    )
    app.get(
      '/v1/models/:name/stages/:stage',
      {
        schema: {
          tags,
          summary: 'Versions that were in a stage at a time',
          params: Type.Object({ name: Type.String(), stage: Type.String() }),
          querystring: Type.Object({ at: Time }),
        },
      },
      async ({ params, query }) => {
        const stage = readStage(params.name, params.stage)
        const at = query.at ?? Number.MAX_SAFE_INTEGER
        return { stage, versions: await registry.listStageAt({ model: params.name, stage, at }) }
      },
    )
  }
}
