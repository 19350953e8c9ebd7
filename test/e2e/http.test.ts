import { once } from 'node:events'
import { request } from 'node:http'
import type { EndpointDetail, ModelVersion, Prediction } from '@millrace/client'
import type { ErrorBody } from '@millrace/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listOperations, type OpenApi, operationMethods } from './support/openapi.ts'
import { parsePrometheus } from './support/prometheus.ts'
import { goodInputs, openShop, type Shop } from './support/shop.ts'

const predictPath = '/v1/endpoints/lateness/predict'
const token = 'a-token-for-tests'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  for (const args of [
    ['apply'],
    ['run', 'training'],
    ['materialize', 'courier_pace', '--until', '2025-03-01T12:00:00Z'],
  ]) {
    const { code, err } = await shop.run(args)
    expect(code, err).toBe(0)
  }
}, 120_000)
afterAll(() => shop.close())

interface Audit {
  items: { offset: number; type: string }[]
}

interface Answer<Body> {
  status: number
  body: Body
}

async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(shop.server.url + path)
  return (await response.json()) as Body
}

/** A text is sent as it is, anything else as JSON. What comes is an error unless the caller knows better. */
async function post<Body = ErrorBody>(path: string, body: unknown): Promise<Answer<Body>> {
  const response = await fetch(shop.server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Body }
}

const predict = (body: unknown) => post<Prediction>(predictPath, body)
const predictBatch = (batch: unknown[]) => post<{ items: Prediction[] }>(predictPath, { batch })
const countLog = () => get<Record<string, number>>('/v1/endpoints/lateness/log')

describe('predictions', () => {
  it('answers with label, probability, version and revision', async () => {
    const { status, body } = await predict({ id: 'one', inputs: goodInputs })
    expect(status).toBe(200)
    expect(body).toEqual({
      id: 'one',
      prediction: { label: expect.any(Number), probability: expect.any(Number) },
      modelVersion: 'late-deliveries/1',
      revision: 1,
    })
    expect(body.prediction.label).toBe(body.prediction.probability >= 0.5 ? 1 : 0)
  })

  it('answers the same in a batch, to other forms of the time, and without an id', async () => {
    const one = (await predict({ inputs: goodInputs })).body
    expect(one.id).toMatch(/^p_/)
    const at = Date.parse(goodInputs.ordered_at)
    const times = [at, '2025-03-01T12:30:00.000Z', '2025-03-01T14:30:00+02:00', '2025-03-01 12:30:00']
    const { body } = await predictBatch(
      times.map((ordered_at) => ({ inputs: { ...goodInputs, ordered_at } })),
    )
    expect(body.items.map((item) => item.prediction)).toEqual(times.map(() => one.prediction))
  })

  it('takes any text as a key and says what is missing', async () => {
    const courier = 'курьер "№ 1"\n😀'
    const { status, body } = await predict({ id: 'id-ü-😀', inputs: { ...goodInputs, courier } })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      id: 'id-ü-😀',
      degraded: ['mean_minutes_7d', 'mean_minutes_24h', 'deliveries_24h'],
    })
  })

  it('counts an id once, however often it is asked for', async () => {
    const before = await countLog()
    const first = await predict({ id: 'twice', inputs: goodInputs })
    expect(await predict({ id: 'twice', inputs: goodInputs })).toEqual(first)
    const batch = [
      { id: 'twice', inputs: goodInputs },
      { id: 'thrice', inputs: goodInputs },
    ]
    await predictBatch([...batch, ...batch])
    expect(await countLog()).toMatchObject({ predictions: before.predictions + 2, failures: 0, torn: 0 })
  })

  it.each<[what: string, body: unknown, named: string]>([
    ['a missing field', { inputs: { ...goodInputs, courier: undefined } }, 'inputs.courier is required'],
    [
      'a wrong type',
      { inputs: { ...goodInputs, distance_km: '8.5' } },
      'inputs.distance_km must be a finite number, got "8.5"',
    ],
    ['an unknown field', { inputs: { ...goodInputs, color: 'red' } }, 'inputs.color is not known'],
    [
      'an unknown field beside the inputs',
      { inputs: goodInputs, explain: true },
      'body.explain is not known',
    ],
    ['a null key', { inputs: { ...goodInputs, courier: null } }, 'inputs.courier must be a text'],
    [
      'a time that is none',
      { inputs: { ...goodInputs, ordered_at: 'yesterday' } },
      'inputs.ordered_at must be a time',
    ],
    ['NaN', `{"inputs":{"ordered_at":0,"courier":"a","distance_km":NaN}}`, 'not valid JSON'],
    [
      'infinity',
      `{"inputs":{"ordered_at":0,"courier":"a","distance_km":1e999}}`,
      'inputs.distance_km must be a finite number, got Infinity',
    ],
    [
      'a huge text',
      { inputs: { ...goodInputs, courier: 'x'.repeat(20_000) } },
      'inputs.courier must be a text of at most 10000 characters',
    ],
    ['an empty id', { id: '', inputs: goodInputs }, 'body.id'],
    ['a long id', { id: 'x'.repeat(129), inputs: goodInputs }, 'body.id'],
    ['no inputs', {}, 'inputs is required'],
    ['inputs that are a list', { inputs: [goodInputs] }, 'body.inputs must be object'],
    ['an empty batch', { batch: [] }, 'body.batch must NOT have fewer than 1 items'],
    [
      'too large a batch',
      { batch: Array(1001).fill({ inputs: goodInputs }) },
      'body.batch must NOT have more than 1000 items',
    ],
    [
      'inputs and a batch',
      { inputs: goodInputs, batch: [{ inputs: goodInputs }] },
      'either inputs or a batch, got both',
    ],
    ['nothing', '', 'Body cannot be empty'],
    ['a list', [], 'body must be object'],
  ])('refuses %s, naming it, and logs nothing', async (_, body, named) => {
    const before = await countLog()
    const refused = await post(predictPath, body)
    expect(refused.status).toBe(400)
    expect(refused.body).toMatchObject({ error_code: 'request.invalid', details: {} })
    expect(refused.body.message).toContain(named)
    expect(JSON.stringify(refused.body).length).toBeLessThan(2000)
    expect(await countLog()).toEqual(before)
  })

  it('refuses the bad rows of a batch in their places', async () => {
    const { status, body } = await predictBatch([
      { id: 'ok', inputs: goodInputs },
      { id: 'bad', inputs: {} },
      3,
    ])
    expect(status).toBe(200)
    expect(body.items).toEqual([
      expect.objectContaining({ id: 'ok', prediction: expect.anything() }),
      { id: 'bad', error: expect.objectContaining({ error_code: 'request.invalid' }) },
      { error: expect.objectContaining({ error_code: 'request.invalid' }) },
    ])
  })

  it('refuses a body that is too large before it is sent', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': 9 * 1024 * 1024 }
    const sent = request(shop.server.url + predictPath, { method: 'POST', headers })
    sent.on('error', () => {}) // the server hangs up on what it will not read
    sent.write('{')
    const [response] = await once(sent, 'response')
    expect(response.statusCode).toBe(413)
    sent.destroy()
  })

  it('says what is not there', async () => {
    expect(await post('/v1/endpoints/nope/predict', { inputs: {} })).toMatchObject({
      status: 404,
      body: { error_code: 'definition.not_found', details: { name: 'nope' } },
    })
    expect((await get<ErrorBody>('/v1/nope')).message).toBe(
      'There is no route GET /v1/nope. See /docs for the API.',
    )
  })
})

describe('feedback', () => {
  const path = '/v1/endpoints/lateness/feedback'

  it('keeps labels, the last one of an id', async () => {
    await post(predictPath, { id: 'labelled', inputs: goodInputs })
    const before = await countLog()
    for (const label of [true, false]) {
      expect(await post(path, { items: [{ id: 'labelled', label }] })).toEqual({
        status: 200,
        body: { accepted: 1 },
      })
    }
    expect(await countLog()).toMatchObject({ labels: before.labels + 1, orphans: before.orphans })
  })

  it.each([
    [
      {
        items: [
          { id: 'a', label: true },
          { id: '', label: true },
        ],
      },
      'body.items.1.id',
    ],
    [{ items: [{ id: 'a', label: 'yes' }] }, 'body.items.0.label'],
    [{ items: [{ id: 'a' }] }, 'body.items.0.label is required'],
    [{ items: [{ id: 'a', label: true, at: 'now' }] }, 'body.items.0.at'],
    [{}, 'body.items is required'],
  ])('takes all or nothing of %j', async (body, named) => {
    const before = await countLog()
    const refused = await post(path, body)
    expect([refused.status, refused.body.error_code]).toEqual([400, 'request.invalid'])
    expect(refused.body.message).toContain(named)
    expect(await countLog()).toEqual(before)
  })
})

describe('lineage', () => {
  it('leads from a prediction to the bytes of the data, and back', async () => {
    const { revision, modelVersion } = (await predict({ inputs: goodInputs })).body
    const { revisions } = await get<EndpointDetail>('/v1/endpoints/lateness')
    const deployed = revisions.find((found) => found.revision === revision)
    expect(`${deployed?.model}/${deployed?.version}`).toBe(modelVersion)

    const version = await get<ModelVersion>(`/v1/models/${deployed?.model}/versions/${deployed?.version}`)
    expect(version).toMatchObject({ manifest: deployed?.manifest, status: 'READY', gate: { passed: true } })
    const { run, trainingSet, datasets, definitions, bundles } = version.lineage
    expect(await get(`/v1/runs/${run}`)).toMatchObject({ id: run, status: 'FINISHED' })

    const set = await get<{ definitions: object }>(`/v1/training-sets/${trainingSet}`)
    expect(set).toMatchObject({ name: 'late_deliveries', datasets, bundles })
    expect(definitions).toMatchObject(set.definitions)

    const at = `/v1/datasets/${datasets[0].dataset}/versions/${datasets[0].version}`
    expect(await get(at)).toMatchObject({
      dataset: 'deliveries',
      rows: 12_000,
      source: { digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
    })
    expect(await get(`${at}/models`)).toMatchObject({
      items: [{ model: deployed?.model, version: deployed?.version }],
    })
  })

  it('is in the audit trail: what was applied, run, registered and released', async () => {
    const { items } = await get<Audit>('/v1/audit')
    expect(items.map((event) => event.type)).toEqual([
      'definitions.applied',
      'pipeline.started',
      'model.registered',
      'endpoint.deployed',
      'model.alias_set',
      'pipeline.finished',
    ])
    const offsets = items.map((event) => event.offset)
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b))
    const page = await get<Audit>(`/v1/audit?after=${offsets[1]}&limit=2`)
    expect(page.items).toEqual(items.slice(2, 4))
  })
})

describe('what the server says of itself', () => {
  it('is a valid OpenAPI 3 document with a summary and a tag for every route', async () => {
    const document = await get<OpenApi>('/openapi.json')
    expect(document.openapi).toMatch(/^3\.\d+\.\d+$/)
    expect(document.info).toMatchObject({ title: 'Millrace', version: expect.any(String) })
    const operations = listOperations(document)
    expect(operations.filter(({ path }) => path.startsWith('/v1/')).length).toBeGreaterThan(40)
    for (const { path, method, operation } of operations) {
      const where = `${method} ${path}`
      expect(operationMethods, where).toContain(method)
      expect(operation.summary, where).toMatch(/\S/)
      expect(operation.tags, where).toHaveLength(1)
      expect(Object.keys(operation.responses), where).toContain('200')
      for (const response of Object.values(operation.responses))
        expect(response.description, where).toMatch(/\S/)
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      const named = [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1])
      expect(declared.map((parameter) => parameter.name).sort(), where).toEqual(named.sort())
      expect(
        declared.every((parameter) => parameter.required),
        where,
      ).toBe(true)
      if (method === 'get') expect(operation.requestBody, where).toBeUndefined()
    }
    expect(JSON.stringify(document)).not.toContain('"$ref"')
  })

  it('has a page for people', async () => {
    const page = await fetch(`${shop.server.url}/docs`)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('swagger-ui')])
  })

  it('has metrics that Prometheus can read', async () => {
    const response = await fetch(`${shop.server.url}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain')
    const samples = parsePrometheus(await response.text())
    const served = samples.filter(({ name }) => name === 'millrace_prediction_rows_total')
    expect(served.length).toBeGreaterThan(0)
    for (const { labels } of served) expect(labels.endpoint).toBe('lateness')
    expect(samples.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['process_cpu_seconds_total', 'millrace_prediction_seconds_bucket']),
    )
  })
})

describe('a server with a token', () => {
  it('answers nobody without it, on no route but the probes', async () => {
    const guarded = await openShop({ MILLRACE_TOKEN: token })
    try {
      const { url } = guarded.server
      const open = await fetch(`${url}/openapi.json`, { headers: { authorization: `Bearer ${token}` } })
      const operations = listOperations((await open.json()) as OpenApi)
      const probes = ['/health', '/ready']
      const others = ['/docs', '/docs/static/index.css', '/openapi.json', '/v1/nope', '/nope'].map(
        (path) => ({ path, method: 'get' }),
      )
      for (const { path, method } of [...operations, ...others]) {
        // What is sent in parts comes to addresses that nobody can guess, from clients that send them no token.
        if (probes.includes(path) || path === '/v1/artifact-uploads/{id}/parts/{part}') continue
        const at = url + path.replaceAll(/\{.+?\}/g, 'x')
        for (const authorization of ['', 'Bearer wrong', `Basic ${token}`, token]) {
          // "patch" in small letters is no method: of that one fetch makes no capitals.
          const sent = { method: method.toUpperCase(), headers: authorization ? { authorization } : {} }
          const response = await fetch(at, sent)
          expect(response.status, `${method} ${path} with "${authorization}"`).toBe(401)
          await response.body?.cancel()
        }
      }
      for (const path of probes) expect((await fetch(url + path)).status).toBe(200)
      expect((await guarded.run(['status'])).code).toBe(0)
      const without = await guarded.run(['status'], { MILLRACE_TOKEN: '' })
      expect([without.code, without.err]).toEqual([1, expect.stringContaining('This server needs a token')])
      expect(without.err).not.toContain(token)
    } finally {
      await guarded.close()
    }
  })
})
