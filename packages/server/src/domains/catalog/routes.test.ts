import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import type { FeatureFilter } from './feature-entry.ts'
import { catalogRoutes } from './routes.ts'
import type { CatalogService, LineageInput } from './service.ts'

let asked: unknown[] = []
const catalog: CatalogService = {
  async searchFeatures(filter: FeatureFilter, page) {
    asked.push({ ...filter, ...page })
    return { items: [] }
  },
  getFeature: () => Promise.reject(new Error('not asked for')),
  async getLineage(input: LineageInput) {
    asked.push(input)
    return { of: input.of, nodes: [], edges: [], truncated: false }
  },
}
const app = fastify()
beforeAll(async () => {
  app.setValidatorCompiler(validatorCompiler)
  app.setErrorHandler(sendError)
  await app.register(catalogRoutes(catalog))
})
afterAll(() => app.close())

async function get(url: string) {
  asked = []
  const response = await app.inject({ method: 'GET', url })
  return { status: response.statusCode, body: response.json(), asked }
}

test('features are asked for by any number of tags', async () => {
  expect((await get('/v1/features')).asked).toEqual([{ limit: 50 }])
  expect((await get('/v1/features?tag=tier%3Dgold&owner=a%40b&limit=2&pageToken=4')).asked).toEqual([
    { tags: ['tier=gold'], owner: 'a@b', limit: 2, pageToken: '4' },
  ])
  expect((await get('/v1/features?tag=a&tag=b&search=late%20flights')).asked).toEqual([
    { tags: ['a', 'b'], search: 'late flights', limit: 50 },
  ])
})

test('a lineage goes both ways and is bounded unless it is said', async () => {
  expect((await get('/v1/lineage?of=run:r')).asked).toEqual([
    { of: 'run:r', direction: 'both', depth: 20, nodes: 500 },
  ])
  expect((await get('/v1/lineage?of=x&direction=up&depth=3&nodes=9')).asked).toEqual([
    { of: 'x', direction: 'up', depth: 3, nodes: 9 },
  ])
})

test.each([
  '/v1/features?limit=0',
  '/v1/features?color=red',
  '/v1/lineage',
  '/v1/lineage?of=x&direction=sideways',
  '/v1/lineage?of=x&nodes=5000',
])('%s is refused', async (url) => {
  expect(await get(url)).toMatchObject({ status: 400, body: { error_code: 'request.invalid' }, asked: [] })
})
