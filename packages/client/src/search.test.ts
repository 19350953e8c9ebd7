import { expect, it } from 'vitest'
import { createClient } from './client.ts'

it('sends searches as they are typed, and again after a failure that may pass', async () => {
  const sent: { url: string; body: unknown }[] = []
  const client = createClient({
    url: 'http://server',
    delay: async () => undefined,
    fetch: async (url, init) => {
      sent.push({ url: String(url), body: init?.body === undefined ? null : JSON.parse(String(init.body)) })
      return sent.length === 1 ? new Response('', { status: 503 }) : Response.json({ items: [], total: 0 })
    },
  })
  const input = {
    filter: 'metrics.loss < 0.5',
    orderBy: ['metrics.loss'],
    keys: { metrics: ['loss'] },
    count: true,
  }
  expect(await client.search.runs(input)).toEqual({ items: [], total: 0 })
  await client.search.modelVersions({})
  await client.search.importance('7', 'val loss')
  expect(sent).toEqual([
    { url: 'http://server/v1/runs/search', body: input },
    { url: 'http://server/v1/runs/search', body: input },
    { url: 'http://server/v1/model-versions/search', body: {} },
    { url: 'http://server/v1/experiments/7/importance?metric=val+loss', body: null },
  ])
})
