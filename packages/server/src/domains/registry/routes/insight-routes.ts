import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@millrace/protocol'
import { Type } from 'typebox'
import type { LineageQuery } from '../model-version.ts'
import { parseReference } from '../names.ts'
import type { RegistryService } from '../service.ts'
import { closed, Model, Page, refOf, tags, Version } from './schemas.ts'

const key = Type.String({ minLength: 1, maxLength: 250 })
const Checks = Type.Object(
  {
    pointers: Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 }),
    loads: Type.Boolean({ default: false }),
    signature: Type.Boolean({ default: false }),
    predicts: Type.Boolean({ default: false }),
    metrics: Type.Array(
      Type.Object({ key, min: Type.Optional(Type.Number()), max: Type.Optional(Type.Number()) }, closed),
      { maxItems: 100, default: [] },
    ),
    tags: Type.Array(Type.Object({ key, value: Type.Optional(Type.String()) }, closed), {
      maxItems: 100,
      default: [],
    }),
  },
  closed,
)
const Origin = Type.Object({
  run: Type.Optional(Type.String()),
  trainingSet: Type.Optional(Type.String()),
  loggedModel: Type.Optional(Type.String()),
  definition: Type.Optional(Type.String()),
  bundle: Type.Optional(Type.String()),
  commit: Type.Optional(Type.String()),
  digest: Type.Optional(Type.String()),
})

/** Where versions come from, how they differ, and what they must pass. */
export function insightRoutes(registry: RegistryService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/models/:name/versions/:version/lineage',
      { schema: { tags, summary: 'What a version comes from and what uses it', params: Version } },
      (request) => registry.getLineage(refOf(request.params)),
    )
    app.get(
      '/v1/models/:name/versions/:version/comparison',
      {
        schema: {
          tags,
          summary:
            'A version beside another one: `with` is `name/version`, or the number of one of this model',
          params: Version,
          querystring: Type.Object({ with: Type.String() }),
        },
      },
      ({ params, query }) => registry.compareVersions(refOf(params), readOther(params.name, query.with)),
    )
    app.get(
      '/v1/datasets/:name/versions/:version/models',
      {
        schema: {
          tags,
          summary: 'Model versions that learnt from a dataset version',
          params: Type.Object({ name: Type.String(), version: Type.String() }),
          querystring: Page,
        },
      },
      ({ params, query }) =>
        registry.listVersionsBy({ dataset: params.name, version: params.version }, query),
    )
    app.get(
      '/v1/lineage/versions',
      {
        schema: {
          tags,
          summary: 'Model versions that came from one thing: a run, a training set, code, a commit …',
          querystring: Type.Intersect([Origin, Page]),
        },
      },
      ({ query: { limit, pageToken, ...origin } }) => {
        const given = Object.entries(origin)
        if (given.length !== 1) {
          const reason = `one of ${Object.keys(Origin.properties).join(', ')} is needed`
          throw fail('request.invalid', { reason })
        }
        return registry.listVersionsBy(Object.fromEntries(given) as LineageQuery, { limit, pageToken })
      },
    )
    app.get(
      '/v1/models/:name/checks',
      {
        schema: { tags, summary: 'What versions must pass before guarded pointers name them', params: Model },
      },
      async (request) => ({ checks: await registry.getChecks(request.params.name) }),
    )
    app.put(
      '/v1/models/:name/checks',
      {
        schema: {
          tags,
          summary: 'Demand checks of versions before aliases and stages name them',
          params: Model,
          body: Checks,
        },
      },
      async ({ params, body }) => ({ checks: await registry.setChecks(params.name, body) }),
    )
    app.delete(
      '/v1/models/:name/checks',
      { schema: { tags, summary: 'Demand nothing any more', params: Model } },
      async (request, reply) => {
        await registry.setChecks(request.params.name, null)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/models/:name/versions/:version/checks',
      { schema: { tags, summary: 'Make all checks of a version now and keep the report', params: Version } },
      (request) => registry.checkVersion(refOf(request.params)),
    )
    app.get(
      '/v1/models/:name/versions/:version/checks',
      {
        schema: { tags, summary: 'Reports of checks, newest first', params: Version, querystring: Page },
      },
      ({ params, query }) => registry.listCheckReports(refOf(params), query),
    )
  }
}

function readOther(model: string, text: string): { model: string; version: number } {
  const parsed = parseReference(/^\d+$/.test(text) ? `${model}/${text}` : text)
  if ('version' in parsed) return parsed
  throw fail('request.invalid', { reason: `"with" must be a version, got the alias "${text}"` })
}
