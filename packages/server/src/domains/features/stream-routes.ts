import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '@millrace/protocol'
import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import type { RequestRow } from './request-row.ts'
import type { FeatureService } from './service.ts'

const tags = ['Features']
const Named = Type.Object({ name: Type.String() })
const maxEvents = 10_000
/** Rows of a request. */
export const Events = Type.Array(Type.Record(Type.String(), Type.Unknown()), {
  minItems: 1,
  maxItems: maxEvents,
})

/** Routes of views that take events. */
export function streamRoutes(
  features: Pick<FeatureService, 'acceptEvents' | 'getStream'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptEventLines(app)
    app.post(
      '/v1/feature-views/:name/events',
      {
        schema: {
          tags,
          summary: 'Send events to a view that has a stream',
          description:
            'Up to 10,000 rows with the columns of the dataset’s source, as JSON or as NDJSON (`application/x-ndjson`, a row a line); all are taken or none. An event whose id is known is ignored, one that is too late is dropped; the answer counts them. What was accepted survives a crash, comes into the dataset, and changes windows online when their hop has ended.',
          params: Named,
          body: Type.Object({ events: Events }, { additionalProperties: false }),
        },
      },
      ({ params, body }) => features.acceptEvents(params.name, body.events),
    )
    app.get(
      '/v1/feature-views/:name/stream',
      { schema: { tags, summary: 'What became of the events of a view', params: Named } },
      ({ params }) => features.getStream(params.name),
    )
  }
}

/** Lets the routes of a plugin take events as NDJSON, too. */
export function acceptEventLines(app: Pick<FastifyInstance, 'addContentTypeParser'>): void {
  app.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'string' },
    async (_request: unknown, body: unknown) => ({ events: parseLines(String(body)) }),
  )
}

function parseLines(body: string): RequestRow[] {
  const rows: RequestRow[] = []
  for (const [i, line] of body.split('\n').entries()) {
    if (line.trim() === '') continue
    try {
      rows.push(JSON.parse(line) as RequestRow)
    } catch (error) {
      throw fail('request.invalid', { reason: `line ${i + 1} is no JSON` }, error)
    }
  }
  return rows
}
