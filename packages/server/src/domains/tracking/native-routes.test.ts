import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { trackingRoutes } from './routes.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>
let http: HttpServer

beforeAll(async () => {
  stack = await createTemporaryTracking()
  const tail = {
    // Whoever follows a run sees it end at the second look.
    wait: async () => {
      for (const { id } of (await stack.tracking.listRuns({}, { limit: 1000 })).items) {
        await stack.tracking.finishRun(id, 'FINISHED')
      }
    },
  }
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token: null,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [trackingRoutes(stack.tracking, tail)],
  })
})
afterAll(async () => {
  await http.close()
  await stack.close()
})

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
async function call(method: Method, url: string, payload?: object) {
  const response = await http.inject({ method, url, payload })
  return { status: response.statusCode, body: response.body === '' ? undefined : response.json() }
}

describe('tracking over HTTP', () => {
  it('leads an experiment through its life', async () => {
    const made = await call('POST', '/v1/experiments', { name: 'http', tags: { a: '1' } })
    expect(made).toMatchObject({ status: 201, body: { name: 'http', tags: { a: '1' } } })
    const at = `/v1/experiments/${made.body.id}`
    expect((await call('POST', '/v1/experiments', { name: 'http' })).status).toBe(409)
    expect((await call('PATCH', at, { name: 'http 2' })).body).toMatchObject({ name: 'http 2' })
    expect((await call('POST', `${at}/tags`, { tags: { 'a/b': '2' } })).body.tags).toEqual({
      a: '1',
      'a/b': '2',
    })
    expect((await call('DELETE', `${at}/tags/a/b`)).status).toBe(204)
    expect((await call('GET', '/v1/experiments?name=http%202')).body.items).toMatchObject([
      { tags: { a: '1' } },
    ])
    expect((await call('DELETE', at)).status).toBe(204)
    expect((await call('GET', at)).body).toMatchObject({ lifecycleStage: 'deleted' })
    expect((await call('GET', '/v1/experiments?view=deleted')).body.items).toMatchObject([{ name: 'http 2' }])
    expect((await call('POST', `${at}/restore`)).body).toMatchObject({ lifecycleStage: 'active' })
  })

  it('leads a run through its life', async () => {
    const made = await call('POST', '/v1/runs', { experiment: 'runs', name: 'one', key: 'k' })
    expect(made).toMatchObject({ status: 201, body: { name: 'one', status: 'RUNNING' } })
    expect((await call('POST', '/v1/runs', { experiment: 'runs', key: 'k' })).body).toEqual(made.body)
    const at = `/v1/runs/${made.body.id}`
    const batch = {
      params: { depth: '3' },
      metrics: [
        { key: 'a/b', value: 'NaN', at: 1, step: 0 },
        { key: 'a/b', value: 0.5, at: 2, step: 1 },
      ],
      tags: { t: '1' },
    }
    expect((await call('POST', `${at}/batch`, batch)).status).toBe(204)
    expect((await call('POST', `${at}/batch`, { params: { depth: '4' } })).status).toBe(409)
    expect((await call('POST', `${at}/batch`, { metrics: [{ key: 'a', value: '1', at: 1 }] })).status).toBe(
      400,
    )
    const dataset = { name: 'd', digest: '1', sourceType: 'local', source: 'x' }
    expect((await call('POST', `${at}/inputs`, { datasets: [{ dataset }] })).status).toBe(204)
    expect((await call('POST', `${at}/outputs`, { models: [{ model: 'm-1' }] })).status).toBe(204)
    expect((await call('DELETE', `${at}/tags/t`)).status).toBe(204)
    expect((await call('GET', at)).body).toMatchObject({
      params: { depth: '3' },
      tags: { 'mlflow.runName': 'one' },
      metrics: [{ key: 'a/b', value: 0.5 }],
      inputs: [{ dataset, tags: {} }],
      modelOutputs: [{ model: 'm-1', step: 0 }],
    })
    const series = await call('GET', `${at}/series?key=a%2Fb&pixels=2`)
    expect(series.body).toMatchObject({
      points: 2,
      pixels: [
        { nan: 1, min: null },
        { max: 0.5, count: 1 },
      ],
    })
    const sample = await call('POST', '/v1/metrics/sample', { runs: [made.body.id], key: 'a/b' })
    expect(sample.body.items).toMatchObject([{ value: 'NaN' }, { value: 0.5 }])
    const compared = await call('POST', '/v1/runs/compare', { runs: [made.body.id] })
    expect(compared.body.metrics).toEqual([{ key: 'a/b', values: [0.5], differs: false }])
    expect((await call('PATCH', at, { status: 'FINISHED' })).body).toMatchObject({ status: 'FINISHED' })
    expect((await call('DELETE', at)).status).toBe(204)
    expect((await call('POST', `${at}/batch`, batch)).body).toMatchObject({ error_code: 'run.deleted' })
    expect((await call('POST', `${at}/restore`)).body).toMatchObject({ lifecycleStage: 'active' })
  })

  it('leads a logged model through its life', async () => {
    const made = await call('POST', '/v1/logged-models', { experimentId: '0', params: { a: '1' } })
    expect(made).toMatchObject({ status: 201, body: { status: 'PENDING', params: { a: '1' } } })
    const at = `/v1/logged-models/${made.body.id}`
    expect((await call('PATCH', at, { status: 'READY' })).body).toMatchObject({ status: 'READY' })
    expect((await call('PATCH', at, { status: 'DONE' })).status).toBe(400)
    expect((await call('POST', `${at}/tags`, { tags: { t: '1' } })).body.tags).toEqual({ t: '1' })
    expect((await call('DELETE', `${at}/tags/t`)).status).toBe(204)
    expect((await call('POST', `${at}/params`, { params: { b: '2' } })).body.params).toEqual({
      a: '1',
      b: '2',
    })
    expect((await call('DELETE', at)).status).toBe(204)
    expect((await call('GET', at)).status).toBe(404)
    expect((await call('GET', `${at}?allowDeleted=true`)).body).toMatchObject({ lifecycleStage: 'deleted' })
    expect((await call('POST', `${at}/restore`)).body).toMatchObject({ lifecycleStage: 'active' })
    expect((await call('GET', '/v1/logged-models?experiment=0')).body.items).toHaveLength(1)
  })

  it('tells the events of a run as they come', async () => {
    const run = await stack.newRun()
    await stack.tracking.logBatch({ run, metrics: [{ key: 'm', value: Infinity, at: 1, step: 1 }] })
    const response = await http.inject(`/v1/runs/${run}/events`)
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/)
    const events = response.body.trim().split('\n\n')
    expect(events.map((event) => event.split('\n')[0])).toEqual([
      'event: metrics',
      'event: run',
      'event: run',
      'event: end',
    ])
    expect(events[0]).toContain('data: [{"key":"m","value":"Infinity","at":1,"step":1,"points":1}]')
    expect((await http.inject('/v1/runs/none/events')).statusCode).toBe(404)
  })
})
