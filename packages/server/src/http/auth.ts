import { createHash, timingSafeEqual } from 'node:crypto'
import { fail } from '@millrace/protocol'
import type { FastifyRequest } from 'fastify'

/** Probes that a load balancer must reach without a token; they tell nothing but up or not. */
const open = new Set(['/health', '/ready'])

/**
 * A hook that demands `Authorization: Bearer <token>` on every other route. Tokens are compared by digest in
 * constant time, so neither length nor prefix leaks.
 * @throws `auth.missing`, `auth.invalid`
 */
export function createTokenCheck(token: string) {
  const expected = digest(token)
  return async (request: FastifyRequest): Promise<void> => {
    if (open.has(request.routeOptions.url ?? '')) return
    const given = /^bearer +(.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (given === undefined) throw fail('auth.missing')
    if (!timingSafeEqual(digest(given), expected)) throw fail('auth.invalid')
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/**
 * A hook for a server without a token: requests must be addressed to the loopback and not come from a page of another
 * site. Otherwise any web page that is open on the machine could reach it, by a name that it lets resolve to 127.0.0.1.
 * @throws `auth.foreign`
 */
export async function checkLocal(request: FastifyRequest): Promise<void> {
  const { host, origin } = request.headers
  if (host !== undefined && !localHost.test(host)) throw fail('auth.foreign', { header: 'Host', value: host })
  if (origin !== undefined && !localOrigin.test(origin)) {
    throw fail('auth.foreign', { header: 'Origin', value: origin })
  }
}

const localHost = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i
const localOrigin = /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i
