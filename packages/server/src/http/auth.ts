import { createHash, timingSafeEqual } from 'node:crypto'
import { fail } from '@millrace/protocol'
import type { FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The address itself, which nobody can guess, is the permission: the route asks for no token. */
    ownPermission?: boolean
  }
}

/** Probes that a load balancer must reach without a token; they tell nothing but up or not. */
const open = new Set(['/health', '/ready'])

/**
 * A hook that demands `Authorization: Bearer <token>` on every other route, or `Basic` with the token as password and
 * any user name, for clients that know nothing else. Tokens are compared by digest in constant time, so neither length
 * nor prefix leaks.
 * @throws `auth.missing`, `auth.invalid`
 */
export function createTokenCheck(token: string) {
  const expected = digest(token)
  return async (request: FastifyRequest): Promise<void> => {
    const { url, config } = request.routeOptions
    if (open.has(url ?? '') || config.ownPermission === true) return
    const given = tokenOf(request.headers.authorization ?? '')
    if (given === undefined) throw fail('auth.missing')
    if (!timingSafeEqual(digest(given), expected)) throw fail('auth.invalid')
  }
}

function tokenOf(header: string): string | undefined {
  const [, scheme, credentials] = /^(bearer|basic) +(.+)$/i.exec(header) ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  const pair = Buffer.from(credentials, 'base64').toString('utf8')
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined
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
