import { expect, it } from 'vitest'
import { createClient } from './client.ts'

/** A client whose requests are kept; every answer is the same. */
function recording(answer: unknown) {
  const sent: { method: string; url: string; body: unknown }[] = []
  const client = createClient({
    url: 'http://server',
    fetch: async (url, init) => {
      const body = init?.body
      const isJson = new Headers(init?.headers).get('content-type') === 'application/json'
      sent.push({
        method: String(init?.method),
        url: String(url),
        body: isJson ? JSON.parse(String(body)) : (body ?? null),
      })
      return Response.json(answer)
    },
  })
  return { client, sent }
}

it('moves runs, models and files in by their own names', async () => {
  const { client, sent } = recording({ outcome: 'created' })
  const { imports } = client
  expect(await imports.putModel('a b', { description: null, createdAt: 1, updatedAt: 2, tags: {} })).toEqual({
    outcome: 'created',
  })
  await imports.addMetrics('r/1', [['loss', 'NaN', 5, 1]])
  await imports.listMetrics('r', { limit: 10, pageToken: 't' })
  await imports.putDeletedVersions('m', [2, 3])
  await imports.putAliases('m', { champion: 4 })
  await imports.feast(new Uint8Array([1]), { project: 'rides', dryRun: true })
  await imports.putFile('1/r/artifacts/a b.txt', 'text')
  await imports.listFiles('1/r/artifacts')
  const at = 'http://server/v1/imports'
  expect(sent).toEqual([
    {
      method: 'PUT',
      url: `${at}/models/a%20b`,
      body: { description: null, createdAt: 1, updatedAt: 2, tags: {} },
    },
    { method: 'POST', url: `${at}/runs/r%2F1/metrics`, body: { points: [['loss', 'NaN', 5, 1]] } },
    { method: 'GET', url: `${at}/runs/r/metrics?limit=10&pageToken=t`, body: null },
    { method: 'PUT', url: `${at}/models/m/deleted-versions`, body: { versions: [2, 3] } },
    { method: 'PUT', url: `${at}/models/m/aliases`, body: { aliases: { champion: 4 } } },
    {
      method: 'POST',
      url: `${at}/feast?project=rides&dryRun=true`,
      body: new Uint8Array([1]),
    },
    { method: 'PUT', url: `${at}/artifacts/1/r/artifacts/a%20b.txt`, body: 'text' },
    { method: 'GET', url: `${at}/artifacts?folder=1%2Fr%2Fartifacts`, body: null },
  ])
})

it('reads the audit trail, training sets and logs of endpoints', async () => {
  const { client, sent } = recording({ items: [] })
  await client.audit.list({ after: 7 })
  await client.trainingSets.get('abc')
  await client.endpoints.log('late flights')
  expect(sent.map(({ url }) => url)).toEqual([
    'http://server/v1/audit?after=7',
    'http://server/v1/training-sets/abc',
    'http://server/v1/endpoints/late%20flights/log',
  ])
})
