import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { diffVersions } from './version-diff.ts'

/** The route that compares two versions of a dataset. */
export function versionDiffRoutes(deps: Parameters<typeof diffVersions>[0]): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/datasets/:name/diff',
      {
        schema: {
          tags: ['Data'],
          summary:
            'What differs between two versions: columns, rows (by key where one is given), distributions',
          params: Type.Object({ name: Type.String() }),
          querystring: Type.Object({
            from: Type.String(),
            to: Type.String({ default: 'latest' }),
            key: Type.Optional(Type.String({ maxLength: 10_000, description: 'Columns, by comma' })),
          }),
        },
      },
      ({ params, query: { from, to, key } }) =>
        diffVersions(deps, { dataset: params.name, from, to, key: key?.split(',').filter(Boolean) }),
    )
  }
}
