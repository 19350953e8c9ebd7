import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createImportedServices, type ImportedServices } from '../../domains/imports/index.ts'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { feastImportRoutes } from './import-routes.ts'

const bytes = await readFile(join(import.meta.dirname, 'fixtures/registry.db'))
const app = fastify()
let services: ImportedServices
let embedded: Awaited<ReturnType<typeof createTemporaryData>>

beforeAll(async () => {
  embedded = await createTemporaryData()
  services = createImportedServices(embedded)
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(feastImportRoutes({ ...embedded, importedServices: services }))
})
afterAll(async () => {
  await app.close()
  await embedded.close()
})

const send = async (payload: Buffer, query = '') => {
  const response = await app.inject({
    method: 'POST',
    url: `/v1/imports/feast${query}`,
    headers: { 'content-type': 'application/octet-stream' },
    payload,
  })
  return { status: response.statusCode, body: response.json() }
}

test('a dry run only says what would come in', async () => {
  const { body } = await send(bytes, '?dryRun=true')
  expect(body).toMatchObject({
    project: 'rides',
    applied: false,
    services: [
      { name: 'rates', trains: false },
      { name: 'rides', trains: true },
      { name: 'renamed', trains: false },
    ],
  })
  expect(body.changes).toHaveLength(8)
  expect(await embedded.definitions.listStored()).toEqual([])
  expect(await services.find('rates')).toBeUndefined()
})

test('definitions come in as a project of their own, services with them, and again without change', async () => {
  const first = await send(bytes)
  expect(first.body).toMatchObject({ applied: true })
  expect(await embedded.definitions.get('feature-view', 'driver_stats')).toMatchObject({ entity: 'driver' })
  expect((await embedded.definitions.listStored())[0]).toMatchObject({ project: 'feast:rides' })
  expect((await services.find('rates'))?.features).toHaveLength(2)
  const again = await send(bytes, '?project=rides')
  expect(again.body.changes.map((change: { action: string }) => change.action)).toEqual(
    Array.from({ length: 8 }, () => 'unchanged'),
  )
})

test('what is no registry is refused', async () => {
  expect(await send(Buffer.from('{}'))).toMatchObject({
    status: 400,
    body: { error_code: 'feast.registry_unreadable' },
  })
  const other = await app.inject({ method: 'POST', url: '/v1/imports/feast', payload: { a: 1 } })
  expect(other.statusCode).toBe(400)
})

test('a service of another project is not taken over', async () => {
  await services.replace('rides', [])
  await services.replace('other', [{ name: 'rates', features: [] }])
  expect(await send(bytes)).toMatchObject({ status: 409, body: { error_code: 'import.conflict' } })
})
