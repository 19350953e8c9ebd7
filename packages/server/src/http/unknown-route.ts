import { fail } from '@millrace/protocol'
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import findMyWay, { type HTTPMethod } from 'find-my-way'

declare module 'fastify' {
  interface FastifyInstance {
    /** Refuses what no route takes; see {@link createUnknownRoutes}. */
    refuseUnknown: Refuse
  }
}

type Refuse = (request: FastifyRequest, reply: FastifyReply) => FastifyReply

/**
 * What is answered where no route is: an address that takes other methods answers 405, and OPTIONS with 204, both with
 * `Allow`. The framework does not tell which methods an address takes, so its router is asked a second time.
 */
export function createUnknownRoutes(options: { maxParamLength: number }) {
  const router = findMyWay(options)
  const methods = new Set<HTTPMethod>()
  return {
    /** A hook that must see every route. */
    note({ method, url }: Pick<RouteOptions, 'method' | 'url'>): void {
      for (const one of [method].flat() as HTTPMethod[]) {
        methods.add(one)
        // The HEAD of a GET is announced twice.
        if (!router.hasRoute(one, url)) router.on(one, url, () => {})
      }
    },
    /** @throws `request.not_found`, `request.method_not_allowed` */
    refuse(request: FastifyRequest, reply: FastifyReply): FastifyReply {
      const { method } = request
      const path = request.url.split('?')[0] ?? ''
      const allowed = [...methods].filter((one) => router.find(one, path) !== null).sort()
      if (allowed.length === 0) throw fail('request.not_found', { method, path })
      const allow = allowed.join(', ')
      reply.header('allow', allow)
      if (method === 'OPTIONS') return reply.status(204).send()
      throw fail('request.method_not_allowed', { method, path, allow })
    },
  }
}
