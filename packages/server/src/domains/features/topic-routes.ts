import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeatureService } from './service.ts'
import { acceptEventLines, Events } from './stream-routes.ts'

const tags = ['Features']

/** Routes of topics of events. */
export function topicRoutes(
  features: Pick<FeatureService, 'appendEvents' | 'listTopics'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    acceptEventLines(app)
    app.get(
      '/v1/topics',
      { schema: { tags, summary: 'Topics of events that feature views read' } },
      async () => ({
        items: await features.listTopics(),
      }),
    )
    app.post(
      '/v1/topics/:name/events',
      {
        schema: {
          tags,
          summary: 'Append events to a topic',
          description:
            'Up to 10,000 rows with the columns of the dataset’s source, as JSON or as NDJSON (`application/x-ndjson`, a row a line); all are kept or none, in this order. Views take them within a second: an event whose id is known is ignored, one that is too late is dropped, one that is no row of the dataset is set aside; see the stream of a view.',
          params: Type.Object({ name: Type.String({ maxLength: 128 }) }),
          body: Type.Object({ events: Events }, { additionalProperties: false }),
        },
      },
      ({ params, body }) => features.appendEvents(params.name, body.events),
    )
  }
}
