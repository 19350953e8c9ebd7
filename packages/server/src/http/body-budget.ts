import { fail } from '@millrace/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes its body as a stream, so that it needs no memory of its size. */
    streamsBody?: boolean
  }
}

export interface BodyBudgetOptions {
  /** Most bytes of bodies that are in memory at once, from before they are read until they are answered. */
  bytes: number
  /** How long a request may wait for its turn, in milliseconds. */
  waitMs: number
}

/** What a body becomes in memory is several times its size. */
export const usualBudget: BodyBudgetOptions = { bytes: 64 * 1024 ** 2, waitMs: 30_000 }

/** Bodies of at most so many bytes, such as ordinary batches, are not counted: they never wait for large ones. */
const small = 1024 ** 2

interface Waiting {
  bytes: number
  begin(): void
}

/**
 * A hook that lets large bodies wait, unread, until those before them are done, so that the memory of the server does
 * not depend on how many come at once.
 * @throws `request.busy` after the time to wait; what is refused is taken from its sender and dropped
 */
export function createBodyBudget({ bytes: total, waitMs }: BodyBudgetOptions) {
  const queue: Waiting[] = []
  let free = total

  function next(): void {
    while (queue[0] && queue[0].bytes <= free) {
      const first = queue.shift()
      free -= first?.bytes ?? 0
      first?.begin()
    }
  }

  /** Resolves with false when the time is over, or the sender gone. */
  function take(bytes: number, reply: FastifyReply): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = { bytes, begin: () => end(true) }
      const end = (taken: boolean) => {
        clearTimeout(timer)
        reply.raw.off('close', leave)
        resolve(taken)
      }
      const leave = () => {
        queue.splice(queue.indexOf(waiting), 1)
        end(false)
        next()
      }
      const timer = setTimeout(leave, waitMs)
      reply.raw.once('close', leave)
      queue.push(waiting)
      next()
    })
  }

  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { config, bodyLimit = total } = request.routeOptions
    const sent = sizeOf(request, bodyLimit)
    // More than the route takes is refused at once, by the parser.
    if (config?.streamsBody || sent <= small || sent > bodyLimit) return
    const bytes = Math.min(sent, total)
    if (!(await take(bytes, reply))) {
      request.raw.resume()
      throw fail('request.busy', { bytes: sent, waitMs })
    }
    const release = () => {
      free += bytes
      next()
    }
    if (reply.raw.closed) release()
    else reply.raw.once('close', release)
  }
}

/** Of a body that does not say how long it is, the most that it can be. */
function sizeOf({ headers }: FastifyRequest, bodyLimit: number): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit
  return Number(headers['content-length'] ?? 0)
}
