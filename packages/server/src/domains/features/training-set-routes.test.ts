import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { featureRoutes } from './routes.ts'
import { createFeatureService } from './service.ts'

const types = { number: 'int64', seen: 'timestamp', member: 'boolean', size: 'float64', shop: 'string' }
const definitions = [
  {
    kind: 'dataset',
    name: 'visits',
    source: { format: 'csv', path: 'visits.csv' },
    schema: { at: 'timestamp', ...types },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  {
    kind: 'feature-service',
    name: 'visit_features',
    featureViews: [],
    onDemandViews: [],
    request: types,
    timestamp: 'at',
  },
  {
    kind: 'training-set',
    name: 'big_visits',
    spine: 'visits',
    service: 'visit_features',
    label: { name: 'big', type: 'boolean', sql: 'coalesce(size, 0) > 5' },
  },
]
const day = 86_400_000

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let sets: { digest: string }[]
const app = fastify()
beforeAll(async () => {
  embedded = await createTemporaryData()
  const features = createFeatureService(embedded)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(featureRoutes(features))
  await embedded.apply(definitions)
  await writeFile(
    join(embedded.dir, 'visits.csv'),
    [
      'at,number,seen,member,size,shop',
      '1970-01-01 00:00:00,9007199254740993,2024-05-01 12:00:00.000001,true,1.5,Zürich',
      '1970-01-02 00:00:00,-9007199254740993,1969-12-31 23:59:59.999999,false,-0.25,',
      '1970-01-03 00:00:00,,,,,',
      '1970-01-04 00:00:00,-1,1970-01-01 00:00:00,true,8,b',
      '',
    ].join('\n'),
  )
  const { version } = await embedded.data.ingest({ dataset: 'visits' })
  const build = (until: number) =>
    features.buildTrainingSet({
      name: 'big_visits',
      version: { dataset: 'visits', version },
      from: 0,
      until: until * day,
    })
  sets = [await build(4), await build(2)]
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

test('training sets are listed with what one needs to choose', async () => {
  const { items } = (await app.inject({ url: '/v1/training-sets?name=big_visits' })).json()
  expect(items.map(({ digest }: { digest: string }) => digest).toSorted()).toEqual(
    sets.map(({ digest }) => digest).toSorted(),
  )
  expect(items).toContainEqual({
    digest: sets[0].digest,
    name: 'big_visits',
    rows: 4,
    from: 0,
    until: 4 * day,
    timestamp: 'at',
    label: 'big',
    features: Object.keys(types),
    columns: expect.arrayContaining([{ name: 'number', type: 'int64', role: 'request' }]),
    size: expect.any(Number),
    createdAt: expect.any(Number),
  })
  expect((await app.inject({ url: '/v1/training-sets?name=none' })).json()).toEqual({ items: [] })
  const page = (await app.inject({ url: '/v1/training-sets?limit=1' })).json()
  expect(page).toMatchObject({ items: [{ name: 'big_visits' }], nextPageToken: '1' })
})

test('the rows are a Parquet file, whole or in ranges', async () => {
  const url = `/v1/training-sets/${sets[0].digest}/data`
  const whole = await app.inject({ url })
  expect(whole.headers).toMatchObject({
    'accept-ranges': 'bytes',
    'content-disposition': 'attachment; filename="big_visits.parquet"',
  })
  expect(whole.rawPayload.subarray(0, 4).toString()).toBe('PAR1')
  const head = await app.inject({ method: 'HEAD', url: `${url}?format=parquet` })
  expect(Number(head.headers['content-length'])).toBe(whole.rawPayload.length)
  const end = await app.inject({ url, headers: { range: 'bytes=-4' } })
  expect([end.statusCode, end.body]).toEqual([206, 'PAR1'])
  const beyond = await app.inject({ url, headers: { range: 'bytes=99999999-' } })
  expect(beyond.statusCode).toBe(416)
})

test('the rows are a file of Arrow, to the last digit', async () => {
  const { rawPayload, headers } = await app.inject({
    url: `/v1/training-sets/${sets[0].digest}/data?format=arrow`,
  })
  expect(headers['content-type']).toBe('application/vnd.apache.arrow.file')
  const table = tableFromIPC(rawPayload)
  const fields = table.schema.fields.map(({ name, type }) => `${name}: ${type}`)
  expect(fields.toSorted()).toEqual([
    'at: Timestamp<MICROSECOND>',
    'big: Bool',
    'member: Bool',
    'number: Int64',
    'seen: Timestamp<MICROSECOND>',
    'shop: Utf8',
    'size: Float64',
  ])
  const values = (name: string) => [...(table.getChild(name) ?? [])]
  expect(values('number')).toEqual([9007199254740993n, -9007199254740993n, null, -1n])
  expect(values('member')).toEqual([true, false, null, true])
  expect(values('size')).toEqual([1.5, -0.25, null, 8])
  expect(values('shop')).toEqual(['Zürich', null, null, 'b'])
  expect(values('big')).toEqual([false, false, false, true])
  const micros = table.getChild('seen')?.data[0].values
  expect([micros[0], micros[1], micros[3]]).toEqual([1714564800000001n, -1n, 0n])
})

test('what is not there is refused', async () => {
  const none = await app.inject({ url: `/v1/training-sets/${'0'.repeat(64)}/data` })
  expect([none.statusCode, none.json().error_code]).toEqual([404, 'training_set.not_found'])
  const format = await app.inject({ url: `/v1/training-sets/${sets[0].digest}/data?format=csv` })
  expect(format.statusCode).toBe(400)
})
