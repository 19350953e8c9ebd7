import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { TrackingService } from './service.ts'
import { followRun, type TailOptions } from './tail.ts'
import { IdParams, tags } from './wire.ts'

export interface TailDeps {
  /** When to look at a run again; a second by default. */
  wait: TailOptions['wait']
}

const everyMs = 1000
/** A sign of life after so many looks without news: who has gone is noticed when something is written. */
const looksPerSignOfLife = 15

export function tailRoutes(
  tracking: TrackingService,
  { wait = nextSecond }: Partial<TailDeps> = {},
): FastifyPluginAsyncTypebox {
  return async (app) => {
    const closing = new AbortController()
    app.addHook('preClose', async () => closing.abort())
    app.get(
      '/v1/runs/:id/events',
      {
        schema: {
          tags,
          summary:
            'Follow a run as server-sent events: `run` and `metrics` as they change, `end` when it has ended',
          params: IdParams,
        },
      },
      async (request, reply) => {
        const { id } = await tracking.getRunInfo(request.params.id)
        const left = new AbortController()
        reply.raw.once('close', () => left.abort())
        const signal = AbortSignal.any([left.signal, closing.signal])
        return reply
          .type('text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store')
          .header('x-accel-buffering', 'no')
          .send(Readable.from(toText(followRun(tracking, id, { signal, wait }))))
      },
    )
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream */
async function* toText(events: ReturnType<typeof followRun>): AsyncGenerator<string> {
  let quiet = 0
  for await (const { event, data } of events) {
    if (event !== 'idle') {
      quiet = 0
      yield `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    } else if (++quiet % looksPerSignOfLife === 0) yield ': still here\n\n'
  }
}

async function nextSecond(signal: AbortSignal): Promise<void> {
  await sleep(everyMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
