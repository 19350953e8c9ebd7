import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import { type AddressPolicy, checkWebhookUrl } from './address.ts'
import { exampleData } from './example.ts'
import { webhookBody } from './outbox.ts'
import type { SecretBox } from './secret-box.ts'
import type { Send } from './send.ts'
import {
  completeWebhooks,
  deleteWebhookRows,
  findWebhookRow,
  insertWebhook,
  listDeliveries,
  listWebhookRows,
  replaceEvents,
  updateWebhookRow,
  type WebhookRow,
} from './store.ts'
import type { Db, WebhookTables } from './tables.ts'
import {
  type Webhook,
  type WebhookDelivery,
  type WebhookEventType,
  type WebhookStatus,
  webhookEvents,
} from './webhook.ts'

export interface CreateWebhookInput {
  name: string
  url: string
  events: readonly WebhookEventType[]
  description?: string | null
  /** Signs deliveries. Never given back. */
  secret?: string | null
  status?: WebhookStatus
}

export interface WebhookTest {
  /** It answered with 2xx. */
  success: boolean
  responseStatus: number | null
  responseBody: string | null
  error: string | null
}

/** Who is told of what happens in the registry. */
export interface WebhookService {
  /** @throws `webhook.invalid` */
  createWebhook(input: CreateWebhookInput): Promise<Webhook>
  /** @throws `webhook.not_found` */
  getWebhook(id: string): Promise<Webhook>
  /** Oldest first. */
  listWebhooks(page?: PageInput): Promise<Page<Webhook>>
  /** Changes what is given. @throws `webhook.not_found`, `webhook.invalid` */
  updateWebhook(id: string, change: Partial<CreateWebhookInput>): Promise<Webhook>
  /** Also what is still to be delivered to it. @throws `webhook.not_found` */
  deleteWebhook(id: string): Promise<void>
  /**
   * Sends an example of an event (its first one by default) now and once.
   * @throws `webhook.not_found`, `webhook.invalid`
   */
  testWebhook(id: string, event?: WebhookEventType): Promise<WebhookTest>
  /** Newest first; those of the last seven days. @throws `webhook.not_found` */
  listDeliveries(id: string, page?: PageInput): Promise<Page<WebhookDelivery>>
}

export interface WebhookDeps {
  db: Database
  clock: Clock
  box: SecretBox
  send: Send
  policy: AddressPolicy
}

export function createWebhookService({ db, clock, box, send, policy }: WebhookDeps): WebhookService {
  const tables = () => db.tables<WebhookTables>()

  async function requireWebhook(from: Db, id: string): Promise<WebhookRow> {
    const row = await findWebhookRow(from, id)
    if (!row) throw fail('webhook.not_found', { webhook: id })
    return row
  }

  async function getWebhook(id: string): Promise<Webhook> {
    const [webhook] = await completeWebhooks(tables(), [await requireWebhook(tables(), id)])
    return webhook
  }

  return {
    async createWebhook(input) {
      checkInput(input, policy)
      const now = clock.now()
      const id = newId('webhook', now)
      const row: WebhookRow = {
        id,
        name: input.name,
        url: input.url,
        description: input.description ?? null,
        secret: input.secret ? box.seal(input.secret, id) : null,
        status: input.status ?? 'ACTIVE',
        created_at: now,
        updated_at: now,
      }
      await db.transaction((trx: Db) => insertWebhook(trx, row, input.events))
      return getWebhook(id)
    },
    getWebhook,
    listWebhooks: (page) =>
      readPage(page, async (range) => completeWebhooks(tables(), await listWebhookRows(tables(), range))),
    async updateWebhook(id, change) {
      checkInput(change, policy)
      const { events, secret, ...plain } = change
      await db.transaction(async (trx: Db) => {
        await requireWebhook(trx, id)
        await updateWebhookRow(trx, id, {
          ...plain,
          ...(secret !== undefined && { secret: secret ? box.seal(secret, id) : null }),
          updated_at: clock.now(),
        })
        if (events) await replaceEvents(trx, id, events)
      })
      return getWebhook(id)
    },
    async deleteWebhook(id) {
      await db.transaction(async (trx: Db) => {
        await requireWebhook(trx, id)
        await deleteWebhookRows(trx, id)
      })
    },
    async testWebhook(id, event) {
      if (event) checkEvents([event])
      const row = await requireWebhook(tables(), id)
      const { entity, action } = event ?? (await getWebhook(id)).events[0]
      const now = clock.now()
      const result = await send({
        id: newId('delivery', now),
        url: new URL(row.url),
        body: webhookBody({ entity, action, at: now, data: exampleData(entity, action) }),
        secret: row.secret === null ? null : box.open(row.secret, id),
        now,
      })
      if (result.kind === 'error') {
        return { success: false, responseStatus: null, responseBody: null, error: result.message }
      }
      const success = result.status >= 200 && result.status < 300
      const error = success ? null : `it answered ${result.status}`
      return { success, responseStatus: result.status, responseBody: result.body, error }
    },
    async listDeliveries(id, page) {
      await requireWebhook(tables(), id)
      return readPage(page, (range) => listDeliveries(tables(), id, range))
    },
  }
}

const namePattern = /^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/i

function checkInput(input: Partial<CreateWebhookInput>, policy: AddressPolicy): void {
  const { name, url, events, description, secret } = input
  if (name !== undefined && !namePattern.test(name)) {
    throw fail('webhook.invalid', {
      what: `The name "${name.slice(0, 100)}"`,
      reason: 'it must be 1 to 63 letters, digits, ".", "_" or "-", and begin and end with a letter or digit',
    })
  }
  if (url !== undefined) checkWebhookUrl(url, policy)
  if (events !== undefined) checkEvents(events)
  for (const [what, text, longest] of [
    ['The description', description, 5000],
    ['The secret', secret, 1000],
  ] as const) {
    if (text && text.length > longest) {
      throw fail('webhook.invalid', { what, reason: `it is longer than ${longest} characters` })
    }
  }
}

function checkEvents(events: readonly WebhookEventType[]): void {
  const refuse = (reason: string) => fail('webhook.invalid', { what: 'The list of events', reason })
  if (events.length === 0) throw refuse('it is empty')
  const seen = new Set<string>()
  for (const { entity, action } of events) {
    const actions: readonly string[] | undefined = Object.hasOwn(webhookEvents, entity)
      ? webhookEvents[entity]
      : undefined
    if (!actions)
      throw refuse(`the entity must be one of ${Object.keys(webhookEvents).join(', ')}, got ${entity}`)
    if (!actions.includes(action)) {
      throw refuse(`the action of ${entity} must be one of ${actions.join(', ')}, got ${action}`)
    }
    if (seen.has(`${entity}.${action}`)) throw refuse(`${entity} ${action} is given twice`)
    seen.add(`${entity}.${action}`)
  }
}
