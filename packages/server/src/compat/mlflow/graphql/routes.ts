import type { FastifyInstance } from 'fastify'
import { type Endpoint, sendJson } from '../endpoint.ts'
import { invalid } from '../wire/invalid.ts'
import { required } from '../wire/message.ts'
import { jsonLimit, readRequest } from '../wire/request.ts'
import { text, type WireType } from '../wire/types.ts'
import type { createQueries } from './queries.ts'

const variables: WireType<Record<string, unknown>> = {
  read(value, at) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
    throw invalid(at, value)
  },
}
const fields = { query: required(text), variables, operationName: text } as const

/** `/graphql`, which MLflow's pages ask beside its REST API; see `createQueries`. */
export function mountGraphql(app: FastifyInstance, endpoints: readonly Endpoint[]): void {
  // Loaded with the first query: few servers are looked at with MLflow's pages.
  let queries: Promise<ReturnType<typeof createQueries>> | undefined
  const load = async () => (await import('./queries.ts')).createQueries(endpoints)

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    bodyLimit: jsonLimit,
    schema: { hide: true },
    exposeHeadRoute: false,
    async handler(request, reply) {
      const asked = await readRequest(request, fields)
      queries ??= load()
      return sendJson(reply, await (await queries)(asked, request))
    },
  })
}
