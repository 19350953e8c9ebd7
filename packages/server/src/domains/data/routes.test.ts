import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { dataRoutes } from './routes.ts'
import { dataUploadRoutes } from './upload-routes.ts'

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
const app = fastify()
beforeAll(async () => {
  embedded = await createTemporaryData()
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(dataRoutes(embedded.data))
  await app.register(dataUploadRoutes({ data: embedded.data, limit: 100 }))
  await embedded.apply([
    {
      kind: 'dataset',
      name: 'visits',
      source: { format: 'csv', path: 'visits.csv' },
      schema: { at: 'timestamp' },
      derived: {},
      timestamp: 'at',
      expectations: [],
    },
  ])
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

async function ingest(body: object) {
  const response = await app.inject({ method: 'POST', url: '/v1/datasets/visits/versions', body })
  return { status: response.statusCode, ...response.json() }
}

test('a version is registered, appended to and listed part by part', async () => {
  await writeFile(join(embedded.dir, 'visits.csv'), 'at\n2001-01-01 00:00:00\n')
  await writeFile(join(embedded.dir, 'more.csv'), 'at\n2001-01-01 00:00:01.5\n2001-01-01 00:00:01\n')
  const first = await ingest({})
  const second = await ingest({ path: 'more.csv', mode: 'append' })
  expect(second).toMatchObject({ status: 200, base: first.version, rows: 3, partCount: 2 })
  const url = `/v1/datasets/visits/versions/${second.version}/parts`
  const { items } = (await app.inject({ url })).json()
  const start = Date.UTC(2001, 0, 1)
  expect(items).toMatchObject([
    { rows: 1, minTime: start, maxTime: start },
    { rows: 2, minTime: start + 1000, maxTime: start + 1500 },
  ])
  expect(items[0].bytes + items[1].bytes).toBe(second.bytes)
  expect((await app.inject({ url: `${url}?limit=1&pageToken=1` })).json()).toEqual({ items: [items[1]] })
  expect((await app.inject({ url: '/v1/datasets/visits/versions/none/parts' })).statusCode).toBe(404)
  expect(await ingest({ mode: 'merge' })).toMatchObject({ status: 400, error_code: 'request.invalid' })
})

test('a file in the body is a version, bounded in its size, and named without folders', async () => {
  const upload = async (query: string, body: string) => {
    const headers = { 'content-type': 'application/octet-stream' }
    const url = `/v1/datasets/visits/uploads?${query}`
    const response = await app.inject({ method: 'POST', url, body, headers })
    return { status: response.statusCode, ...response.json() }
  }
  const csv = await upload('file=a.csv&mode=replace', 'at\n2001-01-02\n')
  expect(csv).toMatchObject({ status: 200, rows: 1, source: { path: 'a.csv' } })
  const json = await upload('file=a.json&format=json&mode=append', '{"at":"2001-01-03"}\n')
  expect(json).toMatchObject({ status: 200, rows: 2, base: csv.version })
  expect(await upload('file=a.csv', `at\n${'2001-01-02\n'.repeat(20)}`)).toMatchObject({ status: 413 })
  expect(await upload('file=..%2Fa.csv', 'at\n')).toMatchObject({
    status: 400,
    error_code: 'request.invalid',
  })
  expect(await upload('file=a.csv&format=xml', 'at\n')).toMatchObject({ status: 400 })
})
