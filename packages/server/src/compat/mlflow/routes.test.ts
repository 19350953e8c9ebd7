import { fail } from '@millrace/protocol'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createRegistrySearch, createRegistryService } from '../../domains/registry/index.ts'
import { createTrackingSearch, createTrackingService } from '../../domains/tracking/index.ts'
import { createSecretBox, createSend, createWebhookService } from '../../domains/webhooks/index.ts'
import { createHttpServer, type HttpServer } from '../../http/server.ts'
import { createLogger } from '../../kernel/logger.ts'
import { migrations } from '../../migrations/index.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { sendMlflowError } from './errors.ts'
import { mlflowRoutes } from './routes.ts'

const token = 's3cret'
const policy = { allowHttp: false, allowPrivate: false }
const api = '/api/2.0/mlflow'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let http: HttpServer
let run: string

beforeAll(async () => {
  stores = await createTemporaryStores([])
  await stores.db.migrate(migrations)
  const box = createSecretBox(new Uint8Array(32))
  http = await createHttpServer({
    version: '0',
    logger: createLogger('silent'),
    token,
    metrics: new Registry(),
    isReady: async () => true,
    routes: [
      mlflowRoutes({
        ...stores,
        tracking: createTrackingService(stores),
        registry: createRegistryService(stores),
        search: { ...createTrackingSearch(stores), ...createRegistrySearch(stores) },
        webhooks: createWebhookService({ ...stores, box, policy, send: createSend(policy) }),
      }),
      async (app) => {
        app.get('/bug', { errorHandler: sendMlflowError }, async () => {
          throw new Error('secret detail')
        })
        app.get('/busy', { errorHandler: sendMlflowError }, async () => {
          throw fail('storage.unavailable', { reason: 'x' })
        })
      },
    ],
  })
})
afterAll(async () => {
  await http.close()
  await stores.close()
})
beforeEach(async () => {
  const { body } = await call('POST', `${api}/runs/create`, { experiment_id: '0', run_name: 'r' })
  run = body.run.info.run_id
})

async function call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object) {
  const response = await http.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    payload: body && JSON.stringify(body),
  })
  return { status: response.statusCode, body: JSON.parse(response.body) }
}

describe("MLflow's API", () => {
  it('answers a run by proto names, with empty lists left out and zeros kept', async () => {
    await call('POST', `${api}/runs/log-batch`, {
      run_id: run,
      metrics: [{ key: 'm', value: 'NaN', timestamp: '1', step: 0 }],
      params: [{ key: 'p' }],
    })
    const { body } = await call('GET', `${api}/runs/get?run_id=${run}`)
    expect(body.run).toEqual({
      info: {
        run_id: run,
        run_uuid: run,
        run_name: 'r',
        experiment_id: '0',
        user_id: '',
        status: 'RUNNING',
        start_time: stores.clock.now(),
        artifact_uri: `mlflow-artifacts:/0/${run}/artifacts`,
        lifecycle_stage: 'active',
      },
      data: {
        metrics: [{ key: 'm', value: 'NaN', timestamp: 1, step: 0 }],
        params: [{ key: 'p', value: '' }],
        tags: [{ key: 'mlflow.runName', value: 'r' }],
      },
      inputs: {},
      outputs: {},
    })
  })

  it('refuses what is nested so deep that the stack would end', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const model = { artifact_path: 'a', flavors: 'x', utc_time_created: 't', run_id: run }
    for (const [url, payload] of [
      ['/runs/set-tag', `{"run_id":${deep}}`],
      [
        '/runs/log-model',
        JSON.stringify({ run_id: run, model_json: JSON.stringify(model).replace('"x"', deep) }),
      ],
    ] as const) {
      const answer = await http.inject({
        method: 'POST',
        url: api + url,
        payload,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      })
      expect(answer.statusCode).toBe(400)
      expect(answer.json().message).toContain('nested deeper than')
    }
  })

  it('keeps the end of a run that ended, and has no outputs for a new one', async () => {
    const change = (more: object) => call('POST', `${api}/runs/update`, { run_id: run, ...more })
    expect((await change({ status: 'FINISHED', end_time: 5 })).body.run_info.end_time).toBe(5)
    expect((await change({ status: 'FAILED' })).body.run_info.end_time).toBe(5)
    expect((await change({ status: 99 })).status).toBe(400)
    const made = await call('POST', `${api}/runs/create`, { experiment_id: '0' })
    expect(made.body.run).not.toHaveProperty('outputs')
  })

  it('takes repeated keys and several names of a field in queries', async () => {
    for (const key of ['a', 'b']) {
      await call('POST', `${api}/runs/log-metric`, { run_uuid: run, key, value: 1, timestamp: 1 })
    }
    const { body } = await call(
      'GET',
      `/ajax-api/2.0/mlflow/metrics/get-history-bulk?run_id=${run}&run_id=other&metric_key=a`,
    )
    expect(body.metrics).toEqual([{ key: 'a', value: 1, timestamp: 1, step: 0, run_id: run }])
  })

  it.each([
    ['POST', '/runs/log-parameter', { key: 'p', value: 5 }, 400, 'INVALID_PARAMETER_VALUE'],
    ['POST', '/runs/log-parameter', { value: 'x' }, 400, 'INVALID_PARAMETER_VALUE'],
    ['POST', '/runs/delete-tag', { key: 'none' }, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['POST', '/experiments/create', { name: 'Default' }, 400, 'RESOURCE_ALREADY_EXISTS'],
    ['GET', '/registered-models/alias?name=none&alias=a', undefined, 404, 'RESOURCE_DOES_NOT_EXIST'],
    ['GET', '/experiments/search?max_results=0', undefined, 400, 'INVALID_PARAMETER_VALUE'],
    ['GET', '/runs/create', undefined, 405, 'ENDPOINT_NOT_FOUND'],
    ['GET', '/runs/nothing', undefined, 404, 'ENDPOINT_NOT_FOUND'],
    ['POST', '/traces/search', {}, 501, 'NOT_IMPLEMENTED'],
    [
      'POST',
      '/model-versions/transition-stage',
      { name: 'a', version: '1', stage: 'x' },
      400,
      'INVALID_PARAMETER_VALUE',
    ],
  ] as const)('refuses %s %s %j', async (method, path, body, status, code) => {
    const answer = await call(method, api + path, body && { run_id: run, ...body })
    expect(answer).toMatchObject({ status, body: { error_code: code, message: expect.any(String) } })
  })

  it('says what a changed parameter was', async () => {
    await call('POST', `${api}/runs/log-parameter`, { run_id: run, key: 'p', value: '1' })
    const { body } = await call('POST', `${api}/runs/log-parameter`, { run_id: run, key: 'p', value: '2' })
    expect(body).toEqual({
      error_code: 'INVALID_PARAMETER_VALUE',
      message: `Changing param values is not allowed. Param with key='p' was already logged with value='1' for run ID='${run}'. Attempted logging new value '2'.`,
    })
  })

  it('keeps bugs to the log and tells who is busy to come again', async () => {
    const bug = await http.inject({ url: '/bug', headers: { authorization: `Bearer ${token}` } })
    expect(bug.json()).toMatchObject({ error_code: 'INTERNAL_ERROR' })
    expect(bug.body).not.toContain('secret detail')
    const busy = await http.inject({ url: '/busy', headers: { authorization: `Bearer ${token}` } })
    expect([busy.statusCode, busy.headers['retry-after']]).toEqual([503, '1'])
  })

  it('takes the token as bearer or password, and refuses in words that MLflow reads', async () => {
    const get = (authorization?: string) =>
      http.inject({
        url: `${api}/experiments/get?experiment_id=0`,
        headers: authorization ? { authorization } : {},
      })
    expect((await get(`Bearer ${token}`)).statusCode).toBe(200)
    expect((await get(`Basic ${Buffer.from(`zoë:${token}`).toString('base64')}`)).statusCode).toBe(200)
    for (const wrong of [undefined, 'Bearer wrong', `Basic ${Buffer.from('zoë:wrong').toString('base64')}`]) {
      const answer = await get(wrong)
      expect(answer.statusCode).toBe(401)
      expect(answer.headers['www-authenticate']).toBe('Basic realm="mlflow"')
      expect(answer.body).toMatch(/^You are not authenticated\./)
    }
  })

  it('lists the proxy by base names and never leaves the store', async () => {
    const proxy = '/api/2.0/mlflow-artifacts/artifacts'
    const put = (path: string) =>
      http.inject({
        method: 'PUT',
        url: `${proxy}/${path}`,
        headers: { authorization: `Bearer ${token}` },
        payload: 'bytes',
      })
    expect((await put(`0/${run}/artifacts/sub/a.txt`)).json()).toEqual({})
    for (const path of ['..%2f..%2fx', '0/%252e%252e/x', '0/a%5cb', '0/a%23b', '%2fetc']) {
      const answer = await put(path)
      expect([answer.statusCode, answer.json().message], path).toEqual([400, 'Invalid path'])
    }
    expect((await call('GET', `${proxy}?path=0/${run}/artifacts/sub`)).body).toEqual({
      files: [{ path: 'a.txt', is_dir: false, file_size: 5 }],
    })
    expect((await call('GET', `${api}/artifacts/list?run_id=${run}`)).body.files).toEqual([
      { path: 'sub', is_dir: true },
    ])
    expect((await call('GET', `${proxy}?path=none`)).body).toEqual({})
  })
})
