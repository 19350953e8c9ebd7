import { describe, expect, it } from 'vitest'
import { createClient } from './client.ts'

/** A client of a server that gives these answers in turn, and what it was asked. */
function clientOf(...answers: Response[]) {
  const asked: { method: string; url: string; body?: unknown }[] = []
  const answer = async (url: unknown, init: RequestInit = {}) => {
    const body = init.body === undefined || init.body === null ? undefined : JSON.parse(String(init.body))
    asked.push({ method: String(init.method), url: String(url), body })
    return answers.shift() ?? new Response(null, { status: 204 })
  }
  return { asked, client: createClient({ url: 'http://server', fetch: answer as typeof fetch }) }
}

describe('tracking calls', () => {
  it('send NaN and the infinities as their names and keep slashes of keys', async () => {
    const { client, asked } = clientOf()
    const metrics = [Number.NaN, Number.NEGATIVE_INFINITY, 1].map((value) => ({ key: 'a', value, at: 5 }))
    await client.runs.log('r', { metrics, params: { p: '1' } })
    await client.runs.deleteTag('r', 'a/b c')
    expect(asked).toEqual([
      {
        method: 'POST',
        url: 'http://server/v1/runs/r/batch',
        body: {
          params: { p: '1' },
          metrics: [
            { key: 'a', value: 'NaN', at: 5 },
            { key: 'a', value: '-Infinity', at: 5 },
            { key: 'a', value: 1, at: 5 },
          ],
        },
      },
      { method: 'DELETE', url: 'http://server/v1/runs/r/tags/a/b%20c', body: undefined },
    ])
  })

  it('follow a run through events that arrive in pieces', async () => {
    const bytes = new TextEncoder().encode(
      ': still here\n\nevent: metrics\ndata: [{"key":"ü","value":1,"at":1,"step":1,"points":1}]\n\n' +
        'event: end\ndata: {"status":"FINISHED",\ndata: "lifecycleStage":"active"}\n\n',
    )
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < bytes.length; i += 7) controller.enqueue(bytes.slice(i, i + 7))
        controller.close()
      },
    })
    const { client } = clientOf(new Response(body))
    const events = []
    for await (const event of client.runs.follow('r')) events.push(event)
    expect(events).toEqual([
      { event: 'metrics', data: [{ key: 'ü', value: 1, at: 1, step: 1, points: 1 }] },
      { event: 'end', data: { status: 'FINISHED', lifecycleStage: 'active' } },
    ])
  })
})
