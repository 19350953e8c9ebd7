import type { Kysely } from 'kysely'
import { newId } from '../../kernel/ids.ts'
import type { WebhookTables } from './tables.ts'
import type { WebhookEvent } from './webhook.ts'

/**
 * Notes, inside the transaction of a change, which webhooks must be told of it. What is committed is delivered at
 * least once, whatever happens to this process; what is rolled back is never told.
 */
export async function noteWebhookEvent<Tables>(trx: Kysely<Tables>, event: WebhookEvent): Promise<void> {
  const db = trx as unknown as Kysely<WebhookTables>
  const { entity, action, at } = event
  const listening = await db
    .selectFrom('webhook_events')
    .innerJoin('webhooks', 'webhooks.id', 'webhook_events.webhook')
    .select('webhooks.id')
    .where('webhook_events.entity', '=', entity)
    .where('webhook_events.action', '=', action)
    .where('webhooks.status', '=', 'ACTIVE')
    .execute()
  if (listening.length === 0) return
  const body = webhookBody(event)
  await db
    .insertInto('webhook_deliveries')
    .values(
      listening.map(({ id }) => ({
        id: newId('delivery', at),
        webhook: id,
        entity,
        action,
        body,
        state: 'PENDING',
        attempts: 0,
        next_at: at,
        response_status: null,
        error: null,
        created_at: at,
        ended_at: null,
      })),
    )
    .execute()
}

/** The body of a delivery: entity and action in lower case, the time as ISO text. */
export function webhookBody({ entity, action, at, data }: WebhookEvent): string {
  return JSON.stringify({
    entity: entity.toLowerCase(),
    action: action.toLowerCase(),
    timestamp: new Date(at).toISOString(),
    data,
  })
}
