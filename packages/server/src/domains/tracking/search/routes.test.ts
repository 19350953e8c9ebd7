import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../../http/server.ts'
import { createLogger } from '../../../kernel/logger.ts'
import { createTemporaryTracking } from '../testing/temporary-tracking.ts'
import { trackingSearchRoutes } from './routes.ts'
import { createTrackingSearch } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryTracking>>
let http: HttpServer

beforeAll(async () => {
  stores = await createTemporaryTracking()
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [trackingSearchRoutes(createTrackingSearch(stores))],
  })
  for (const [i, loss] of [0.5, Number.NaN, 0.1].entries()) {
    stores.clock.advance(1)
    const run = await stores.newRun()
    await stores.tracking.logBatch({
      run,
      params: { i: String(i) },
      metrics: [{ key: 'loss', value: loss, at: 1, step: 0 }],
    })
  }
})
afterAll(async () => {
  await http.close()
  await stores.close()
})

async function post(url: string, payload: object) {
  const answer = await http.inject({ method: 'POST', url, payload })
  return { status: answer.statusCode, body: answer.json() }
}

describe('the routes to search', () => {
  it('answer runs with projection, count and token', async () => {
    const search = { orderBy: ['metrics.loss'], limit: 2, count: true, keys: { tags: [], params: ['i'] } }
    const first = await post('/v1/runs/search', search)
    expect(first).toMatchObject({
      status: 200,
      body: {
        total: 3,
        items: [
          { params: { i: '2' }, tags: {}, metrics: [{ key: 'loss', value: 0.1 }] },
          { params: { i: '0' } },
        ],
      },
    })
    const { nextPageToken: pageToken } = first.body
    const last = await post('/v1/runs/search', { ...search, pageToken })
    expect(last.body).toMatchObject({ items: [{ params: { i: '1' }, metrics: [{ value: 'NaN' }] }] })
    expect(last.body.nextPageToken).toBeUndefined()
  })

  it('refuse filters, orders and tokens with the reason', async () => {
    const wrong = await post('/v1/runs/search', { filter: 'metrics.loss >' })
    expect(wrong).toMatchObject({ status: 400, body: { error_code: 'search.invalid' } })
    const token = await post('/v1/experiments/search', { pageToken: 'none' })
    expect(token).toMatchObject({ status: 400, body: { error_code: 'search.page_token_invalid' } })
    const unknown = await post('/v1/logged-models/search', { fliter: '' })
    expect(unknown).toMatchObject({ status: 400, body: { error_code: 'request.invalid' } })
  })

  it('answer experiments and logged models', async () => {
    const experiments = await post('/v1/experiments/search', { filter: "name IN ('tests')" })
    expect(experiments.body.items).toMatchObject([{ name: 'tests' }])
    expect((await post('/v1/logged-models/search', {})).body).toEqual({ items: [] })
  })

  it('refuse the importance of parameters for too few runs', async () => {
    const answer = await http.inject('/v1/experiments/1/importance?metric=loss')
    expect(answer.json()).toMatchObject({ error_code: 'experiment.importance_unavailable' })
  })
})
