import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { FeastDeps } from './deps.ts'
import { sendFeastError } from './errors.ts'
import { createMaterializations, Materialize, MaterializeIncremental, planJob } from './materialize.ts'
import { createOnlineAnswers, GetOnlineFeatures } from './online.ts'
import { Push, push, WriteToOnlineStore, writeToOnlineStore } from './writes.ts'

/** A materialization from Feast's client sends all rows of a view at once. */
const frameLimit = 32 * 1024 * 1024
const Mode = Type.Object({
  async: Type.Boolean({ default: false }),
  force: Type.Boolean({ default: false }),
})

/**
 * The calls of Feast's feature server, for its Python client with `online_store: {type: remote}`: at the root, beneath
 * `/feast`, and beneath `/feast/exact` with the statuses that Feast's own server gives. Translation only: what is
 * allowed is decided by the domains.
 */
export function feastRoutes(deps: FeastDeps): FastifyPluginAsyncTypebox {
  const answer = createOnlineAnswers(deps)
  const materializations = createMaterializations(deps)

  const calls =
    ({ isExact, hasHealth }: { isExact: boolean; hasHealth: boolean }): FastifyPluginAsyncTypebox =>
    async (app) => {
      app.setErrorHandler(sendFeastError)
      const hidden = { hide: true }
      if (hasHealth) app.get('/health', { schema: hidden }, (_, reply) => reply.send())
      app.post(
        '/get-online-features',
        { schema: { ...hidden, body: GetOnlineFeatures } },
        async (request, reply) => reply.type('application/json').send(await answer(request.body, isExact)),
      )
      app.post(
        '/push',
        { bodyLimit: frameLimit, schema: { ...hidden, body: Push } },
        async (request, reply) => {
          await push(deps, request.body)
          return reply.send()
        },
      )
      app.post(
        '/write-to-online-store',
        { bodyLimit: frameLimit, schema: { ...hidden, body: WriteToOnlineStore } },
        async (request, reply) => {
          await writeToOnlineStore(deps, request.body)
          return reply.type('application/json').send('null')
        },
      )
      for (const [url, body] of [
        ['/materialize', Materialize],
        ['/materialize-incremental', MaterializeIncremental],
      ] as const) {
        app.post(url, { schema: { ...hidden, body, querystring: Mode } }, async (request, reply) => {
          const job = await planJob(deps, request.body)
          if (!request.query.async) {
            await materializations.run(job)
            return reply.type('application/json').send('null')
          }
          const busy = request.query.force ? [] : materializations.busyWith(job.views)
          if (busy.length > 0) {
            const error = `These feature views are being materialized: ${busy.join(', ')}. Use ?force=true to start anyway.`
            return reply.status(409).send({ error, feature_views: busy })
          }
          materializations.start(job)
          return reply.status(202).send({ status: 'accepted', feature_views: job.views })
        })
      }
    }

  return async (app) => {
    app.addHook('onClose', () => materializations.stop())
    await app.register(calls({ isExact: false, hasHealth: false }))
    await app.register(calls({ isExact: false, hasHealth: true }), { prefix: '/feast' })
    await app.register(calls({ isExact: true, hasHealth: true }), { prefix: '/feast/exact' })
  }
}
