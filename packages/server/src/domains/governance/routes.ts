import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { EventStream } from '../../ports/event-stream.ts'

/** The audit trail: what was applied, decided, started, rolled out and moved, in the order in which it happened. */
export function auditRoutes(stream: EventStream): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/audit',
      {
        schema: {
          tags: ['Governance'],
          summary: 'Audit events after an offset, oldest first',
          querystring: Type.Object({
            after: Type.Optional(Type.Integer({ minimum: 0 })),
            limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          }),
          response: {
            200: Type.Object({
              items: Type.Array(
                Type.Object({
                  offset: Type.Integer(),
                  type: Type.String(),
                  at: Type.Integer(),
                  data: Type.Record(Type.String(), Type.Unknown()),
                }),
              ),
            }),
          },
        },
      },
      async (request) => ({ items: await stream.read('audit', request.query) }),
    )
  }
}
