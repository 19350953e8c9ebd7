import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { consistencyRoutes } from './consistency-routes.ts'
import { materializationRoutes } from './materialization-routes.ts'
import type { OnlineReader } from './online-reader.ts'
import { onlineRoutes } from './online-routes.ts'
import { pushRoutes } from './push-routes.ts'
import type { FeatureService } from './service.ts'
import { streamRoutes } from './stream-routes.ts'
import { topicRoutes } from './topic-routes.ts'
import { trainingSetRoutes } from './training-set-routes.ts'

const tags = ['Features']
const Named = Type.Object({ name: Type.String() })

/** Routes to bring the online store up to date and to read it. */
export function featureRoutes(features: FeatureService): FastifyPluginAsyncTypebox {
  return async (app) => {
    const readers = new Map<string, Promise<OnlineReader>>()
    const readerOf = (service: string) => {
      let reader = readers.get(service)
      if (!reader) {
        reader = features.createOnlineReader(service)
        readers.set(service, reader)
        reader.catch(() => readers.delete(service))
      }
      return reader
    }
    app.post(
      '/v1/feature-services/:name/online',
      {
        schema: {
          tags,
          summary: 'Features of up to 1,000 rows, as a model would get them',
          params: Named,
          body: Type.Object(
            { rows: Type.Array(Type.Record(Type.String(), Type.Unknown()), { minItems: 1, maxItems: 1000 }) },
            { additionalProperties: false },
          ),
        },
      },
      async (request) => (await readerOf(request.params.name)).read(request.body.rows),
    )
    await app.register(onlineRoutes(features))
    await app.register(consistencyRoutes(features))
    await app.register(materializationRoutes(features))
    await app.register(pushRoutes(features))
    await app.register(streamRoutes(features))
    await app.register(topicRoutes(features))
    await app.register(trainingSetRoutes(features))
  }
}
