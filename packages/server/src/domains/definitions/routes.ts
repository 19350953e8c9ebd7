import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type DefinitionKind, fail } from '@millrace/protocol'
import { Type } from 'typebox'
import { definitionKinds } from './definition.ts'
import type { DefinitionService } from './service.ts'

const tags = ['Definitions']
const maxBundleBytes = 16 * 1024 * 1024

/** Routes to apply a project's definitions and to look at what is applied. */
export function definitionRoutes(definitions: DefinitionService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/apply',
      {
        bodyLimit: 2 * maxBundleBytes,
        schema: {
          tags,
          summary: "Compare a project's definitions with what is stored and apply them, all or nothing",
          body: Type.Object({
            project: Type.String({ minLength: 1, maxLength: 128 }),
            definitions: Type.Array(Type.Unknown(), { maxItems: 10_000 }),
            bundle: Type.Union([Type.String({ maxLength: maxBundleBytes }), Type.Null()]),
            dryRun: Type.Boolean({ default: false }),
            allowDestroy: Type.Boolean({ default: false }),
          }),
        },
      },
      (request) => definitions.apply(request.body),
    )
    app.get('/v1/definitions', { schema: { tags, summary: 'All applied definitions' } }, async () => ({
      items: (await definitions.listStored()).map(({ definition, ...rest }) => ({
        kind: definition.kind,
        name: definition.name,
        ...rest,
      })),
    }))
    app.get(
      '/v1/definitions/:kind/:name',
      {
        schema: {
          tags,
          summary: 'One applied definition',
          params: Type.Object({ kind: Type.String(), name: Type.String() }),
        },
      },
      async (request) => {
        const { kind, name } = request.params
        if (!definitionKinds.includes(kind as DefinitionKind))
          throw fail('definition.not_found', { kind, name })
        return definitions.get(kind as DefinitionKind, name)
      },
    )
  }
}
