import { createHmac, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestRegistry } from '../registry/testing/test-registry.ts'
import { createWebhookDeliverer } from './deliverer.ts'
import { noteWebhookEvent } from './outbox.ts'
import { createSecretBox } from './secret-box.ts'
import { createSend, type SendResult } from './send.ts'
import { createWebhookService, type WebhookService } from './service.ts'
import type { WebhookTables } from './tables.ts'
import { type WebhookEventType, webhookEvents } from './webhook.ts'

type Received = { headers: IncomingHttpHeaders; body: string }

let bed: Awaited<ReturnType<typeof createTestRegistry>>
let receiver: Server
let url: string
let received: Received[]
let answers: { status: number; headers?: Record<string, string> }[]
let webhooks: WebhookService
const open = { allowHttp: true, allowPrivate: true }
const logger = { warn: () => undefined }
const box = createSecretBox(randomBytes(32))
const all = Object.entries(webhookEvents).flatMap(([entity, actions]) =>
  actions.map((action) => ({ entity, action }) as WebhookEventType),
)

beforeAll(async () => {
  receiver = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      received.push({ headers: request.headers, body })
      const { status, headers } = answers.shift() ?? { status: 200 }
      response.writeHead(status, headers).end('thanks')
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
})
afterAll(() => new Promise((resolve) => receiver.close(resolve)))

beforeEach(async () => {
  bed = await createTestRegistry()
  received = []
  answers = []
  webhooks = createWebhookService({ ...bed, box, send: createSend(open), policy: open })
})
afterEach(() => bed.close())

const deliverer = (send = createSend(open)) => createWebhookDeliverer({ ...bed, logger, box, send })
const hook = (events: WebhookEventType[] = all, secret: string | null = 'the secret') =>
  webhooks.createWebhook({ name: 'hook', url, events, secret })
const told = () => received.map(({ body }) => JSON.parse(body))

describe('webhooks', () => {
  it('are told of what happens in the registry, signed', async () => {
    await hook()
    const { registry } = bed
    await registry.createModel({ name: 'm', tags: { a: '1' } })
    bed.clock.advance(1)
    await registry.createVersion({ model: 'm', source: 's3://b/x', tags: { t: '1' } })
    bed.clock.advance(1)
    await registry.setVersionTag({ model: 'm', version: 1 }, { key: 'k', value: 'v' })
    bed.clock.advance(1)
    await registry.setAlias({ model: 'm', alias: 'champion', version: 1, by: 'test', reason: 'x' })
    bed.clock.advance(1)
    await registry.deleteAlias({ model: 'm', alias: 'champion' }, { by: 'test', reason: 'x' })
    bed.clock.advance(1)
    await registry.deleteVersionTag({ model: 'm', version: 1 }, 'k')
    await deliverer().deliverDue()
    const byTime = told().toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1))
    expect(byTime.map(({ entity, action, data }) => ({ entity, action, data }))).toEqual([
      {
        entity: 'registered_model',
        action: 'created',
        data: { name: 'm', tags: { a: '1' }, description: null },
      },
      {
        entity: 'model_version',
        action: 'created',
        data: {
          name: 'm',
          version: '1',
          source: 's3://b/x',
          run_id: null,
          tags: { t: '1' },
          description: null,
        },
      },
      { entity: 'model_version_tag', action: 'set', data: { name: 'm', version: '1', key: 'k', value: 'v' } },
      {
        entity: 'model_version_alias',
        action: 'created',
        data: { name: 'm', alias: 'champion', version: '1' },
      },
      { entity: 'model_version_alias', action: 'deleted', data: { name: 'm', alias: 'champion' } },
      { entity: 'model_version_tag', action: 'deleted', data: { name: 'm', version: '1', key: 'k' } },
    ])
    const [{ headers, body }] = received
    const [id, at] = [headers['x-mlflow-delivery-id'], headers['x-mlflow-timestamp']]
    const expected = createHmac('sha256', 'the secret').update(`${id}.${at}.${body}`).digest('base64')
    expect(headers['x-mlflow-signature']).toBe(`v1,${expected}`)
    expect(Number(at)).toBe(Math.floor(bed.clock.now() / 1000))
    expect(headers['content-type']).toBe('application/json')
  })

  it('hear nothing of what was refused, of other events, and while they are disabled', async () => {
    const { id } = await hook([{ entity: 'REGISTERED_MODEL', action: 'CREATED' }], null)
    await bed.registry.createModel({ name: 'm' })
    await expect(bed.registry.createModel({ name: 'm' })).rejects.toThrow()
    await bed.registry.createVersion({ model: 'm', source: 's3://b/x' })
    await webhooks.updateWebhook(id, { status: 'DISABLED' })
    await bed.registry.createModel({ name: 'other' })
    await webhooks.updateWebhook(id, { status: 'ACTIVE' })
    await deliverer().deliverDue()
    expect(told().map(({ data }) => data.name)).toEqual(['m'])
    expect(received[0].headers['x-mlflow-signature']).toBeUndefined()
  })

  it('are tried again after 429, 5xx and errors, later each time, under the same id', async () => {
    const { id } = await hook()
    await bed.registry.createModel({ name: 'm' })
    answers = [{ status: 500 }, { status: 429, headers: { 'retry-after': '60' } }, { status: 200 }]
    const running = deliverer()
    const delivery = async () => (await webhooks.listDeliveries(id)).items[0]
    await running.deliverDue()
    expect(await delivery()).toMatchObject({ state: 'PENDING', attempts: 1, error: 'it answered 500' })
    await running.deliverDue()
    bed.clock.advance(4999)
    await running.deliverDue()
    expect(received).toHaveLength(1)
    bed.clock.advance(1)
    await running.deliverDue()
    expect(received).toHaveLength(2)
    bed.clock.advance(59_999)
    await running.deliverDue()
    expect(received).toHaveLength(2)
    bed.clock.advance(1)
    await running.deliverDue()
    expect(await delivery()).toMatchObject({
      state: 'DELIVERED',
      attempts: 3,
      responseStatus: 200,
      error: null,
    })
    expect(new Set(received.map(({ headers }) => headers['x-mlflow-delivery-id'])).size).toBe(1)
  })

  it('are given up after twelve attempts, and at once after an answer that will not change', async () => {
    const { id } = await hook()
    await bed.registry.createModel({ name: 'm' })
    const running = deliverer(async () => ({ kind: 'error', message: 'refused', final: false }))
    for (let i = 0; i < 20; i++) {
      await running.deliverDue()
      bed.clock.advance(3_600_000)
    }
    expect((await webhooks.listDeliveries(id)).items[0]).toMatchObject({ state: 'FAILED', attempts: 12 })
    await bed.registry.createModel({ name: 'n' })
    answers = [{ status: 302, headers: { location: 'http://127.0.0.1:1/' } }]
    await deliverer().deliverDue()
    expect((await webhooks.listDeliveries(id)).items[0]).toMatchObject({
      state: 'FAILED',
      attempts: 1,
      responseStatus: 302,
    })
  })

  it('that were under way when a process ended are delivered by the next one', async () => {
    await hook()
    await bed.registry.createModel({ name: 'm' })
    let begin: () => void = () => undefined
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    // The process that sends this never comes back from it.
    const lost = deliverer(() => {
      begin()
      return new Promise<SendResult>(() => undefined)
    })
    void lost.deliverDue()
    await begun
    await deliverer().deliverDue()
    expect(told()).toMatchObject([{ entity: 'registered_model', data: { name: 'm' } }])
  })

  it('vanish with the transaction of the change', async () => {
    await hook()
    const at = bed.clock.now()
    await expect(
      bed.db.transaction<WebhookTables, void>(async (trx) => {
        await noteWebhookEvent(trx, { entity: 'REGISTERED_MODEL', action: 'CREATED', at, data: {} })
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    await deliverer().deliverDue()
    expect(received).toEqual([])
  })

  it('connect to the address that was checked, and ask for it once', async () => {
    const asked: string[] = []
    const resolve = async (host: string) => {
      asked.push(host)
      return [{ address: '127.0.0.1', family: 4 }]
    }
    const to = (host: string) => ({
      id: 'd',
      body: '{}',
      secret: null,
      now: 0,
      url: new URL(url.replace('127.0.0.1', host)),
    })
    expect(await createSend(open, resolve)(to('nowhere.invalid'))).toMatchObject({ status: 200 })
    expect(asked).toEqual(['nowhere.invalid'])
    expect(received[0].headers.host).toMatch(/^nowhere\.invalid:/)
    const strict = createSend({ allowHttp: true, allowPrivate: false }, resolve)
    for (const host of ['rebound.example', '127.0.0.1']) {
      expect(await strict(to(host))).toMatchObject({
        kind: 'error',
        final: true,
        message: expect.stringContaining('127.0.0.1'),
      })
    }
    expect(received).toHaveLength(1)
  })
})

describe('the service', () => {
  it('keeps the secret to itself, in the database too', async () => {
    const made = await hook()
    expect(JSON.stringify(made)).not.toContain('the secret')
    expect(made).toMatchObject({ signed: true, status: 'ACTIVE', events: expect.arrayContaining(all) })
    const [row] = await bed.db.tables<WebhookTables>().selectFrom('webhooks').selectAll().execute()
    expect(JSON.stringify(row)).not.toContain('the secret')
    expect(box.open(row.secret ?? '', made.id)).toBe('the secret')
    expect(() => box.open(row.secret ?? '', 'another webhook')).toThrow()
    expect(() => createSecretBox(randomBytes(32)).open(row.secret ?? '', made.id)).toThrow()
    expect(await webhooks.updateWebhook(made.id, { secret: null })).toMatchObject({ signed: false })
  })

  it('changes what is given, pages, and deletes with what is to be delivered', async () => {
    const { id } = await hook()
    bed.clock.advance(1)
    const second = await hook()
    expect((await webhooks.listWebhooks({ limit: 1 })).items.map((one) => one.id)).toEqual([id])
    const event = { entity: 'MODEL_VERSION', action: 'CREATED' } as const
    expect(await webhooks.updateWebhook(id, { name: 'new', events: [event] })).toMatchObject({
      name: 'new',
      url,
      events: [event],
      updatedAt: bed.clock.now(),
    })
    await bed.registry.createModel({ name: 'm' })
    await webhooks.deleteWebhook(second.id)
    await expect(webhooks.getWebhook(second.id)).rejects.toMatchObject({ code: 'webhook.not_found' })
    await deliverer().deliverDue()
    expect(received).toEqual([])
  })

  it('tries a webhook and tells what came back', async () => {
    const { id } = await hook()
    answers = [{ status: 200 }, { status: 404 }]
    expect(await webhooks.testWebhook(id)).toEqual({
      success: true,
      responseStatus: 200,
      responseBody: 'thanks',
      error: null,
    })
    const event = { entity: 'MODEL_VERSION_TAG', action: 'SET' } as const
    expect(await webhooks.testWebhook(id, event)).toMatchObject({ success: false, responseStatus: 404 })
    expect(told()[1]).toMatchObject({ entity: 'model_version_tag', action: 'set' })
    await webhooks.updateWebhook(id, { url: 'http://127.0.0.1:1/' })
    expect(await webhooks.testWebhook(id)).toMatchObject({
      success: false,
      error: expect.stringContaining('REFUSED'),
    })
  })

  it.each([
    { name: '-upper' },
    { name: '-a' },
    { name: 'a'.repeat(64) },
    { name: '' },
    { events: [] },
    { events: [{ entity: 'REGISTERED_MODEL', action: 'DELETED' }] },
    { events: [{ entity: 'constructor', action: 'CREATED' }] },
    { events: [all[0], all[0]] },
    { url: 'ftp://example.com' },
  ])('refuses %j', async (wrong) => {
    const input = { name: 'a', url, events: all, ...(wrong as { events?: WebhookEventType[] }) }
    await expect(webhooks.createWebhook(input)).rejects.toMatchObject({ code: 'webhook.invalid' })
  })
})
