import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { GarbageService } from './service.ts'

/** One request never takes long; who wants all asks until it is complete. */
const budgetMs = 20_000

export function garbageRoutes(garbage: GarbageService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/v1/garbage-collections',
      {
        schema: {
          tags: ['Operations'],
          summary: 'Removes for good what was deleted long ago; ask again until the answer is complete',
          body: Type.Object(
            {
              olderThanMs: Type.Integer({ minimum: 0, default: 30 * 24 * 60 * 60 * 1000 }),
              dryRun: Type.Boolean({ default: false }),
            },
            { additionalProperties: false },
          ),
        },
      },
      // What only counts could not go on where it stopped.
      ({ body }) => garbage.collect({ ...body, budgetMs: body.dryRun ? undefined : budgetMs }),
    )
  }
}
