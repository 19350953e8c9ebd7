import type { Db, DeliveryRow, WebhookTables } from './tables.ts'
import type { DeliveryState, Webhook, WebhookDelivery, WebhookEventType, WebhookStatus } from './webhook.ts'

export type WebhookRow = WebhookTables['webhooks']
type Range = { offset: number; limit: number }

export async function insertWebhook(
  db: Db,
  row: WebhookRow,
  events: readonly WebhookEventType[],
): Promise<void> {
  await db.insertInto('webhooks').values(row).execute()
  await replaceEvents(db, row.id, events)
}

export async function updateWebhookRow(
  db: Db,
  id: string,
  change: Partial<Omit<WebhookRow, 'id'>>,
): Promise<void> {
  await db.updateTable('webhooks').set(change).where('id', '=', id).execute()
}

export async function replaceEvents(db: Db, id: string, events: readonly WebhookEventType[]): Promise<void> {
  await db.deleteFrom('webhook_events').where('webhook', '=', id).execute()
  await db
    .insertInto('webhook_events')
    .values(events.map(({ entity, action }) => ({ webhook: id, entity, action })))
    .execute()
}

export async function deleteWebhookRows(db: Db, id: string): Promise<void> {
  await db.deleteFrom('webhooks').where('id', '=', id).execute()
  for (const table of ['webhook_events', 'webhook_deliveries'] as const) {
    await db.deleteFrom(table).where('webhook', '=', id).execute()
  }
}

export async function findWebhookRow(db: Db, id: string): Promise<WebhookRow | undefined> {
  return db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Oldest first. */
export async function listWebhookRows(db: Db, range: Range): Promise<WebhookRow[]> {
  const query = db.selectFrom('webhooks').selectAll().orderBy('created_at').orderBy('id')
  return query.offset(range.offset).limit(range.limit).execute()
}

/** Adds the events, in one query. */
export async function completeWebhooks(db: Db, rows: readonly WebhookRow[]): Promise<Webhook[]> {
  if (rows.length === 0) return []
  const events = await db
    .selectFrom('webhook_events')
    .selectAll()
    .where(
      'webhook',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('entity')
    .orderBy('action')
    .execute()
  const eventsOf = Map.groupBy(events, ({ webhook }) => webhook)
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    url: row.url,
    description: row.description,
    events: (eventsOf.get(row.id) ?? []).map(
      ({ entity, action }) => ({ entity, action }) as WebhookEventType,
    ),
    status: row.status as WebhookStatus,
    signed: row.secret !== null,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

/** What is to be delivered by now, longest due first. */
export async function listDue(
  db: Db,
  of: { now: number; limit: number; except: readonly string[] },
): Promise<DeliveryRow[]> {
  let query = db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('state', '=', 'PENDING')
    .where('next_at', '<=', of.now)
  if (of.except.length > 0) query = query.where('id', 'not in', of.except)
  return query.orderBy('next_at').orderBy('id').limit(of.limit).execute()
}

export async function updateDelivery(
  db: Db,
  id: string,
  change: Pick<DeliveryRow, 'state' | 'attempts' | 'next_at' | 'response_status' | 'error' | 'ended_at'>,
): Promise<void> {
  await db.updateTable('webhook_deliveries').set(change).where('id', '=', id).execute()
}

/** Newest first. */
export async function listDeliveries(db: Db, webhook: string, range: Range): Promise<WebhookDelivery[]> {
  const rows = await db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('webhook', '=', webhook)
    .orderBy('id', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

/** @returns how many */
export async function forgetEnded(db: Db, before: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('webhook_deliveries')
    .where('state', 'in', ['DELIVERED', 'FAILED'])
    .where('ended_at', '<', before)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

function fromRow(row: DeliveryRow): WebhookDelivery {
  return {
    ...({ entity: row.entity, action: row.action } as WebhookEventType),
    id: row.id,
    webhook: row.webhook,
    state: row.state as DeliveryState,
    attempts: row.attempts,
    nextAt: row.next_at,
    responseStatus: row.response_status,
    error: row.error,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  }
}
