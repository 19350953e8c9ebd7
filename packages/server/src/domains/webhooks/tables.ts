import type { Kysely } from 'kysely'

export interface WebhookTables {
  webhooks: {
    id: string
    name: string
    url: string
    description: string | null
    /** Sealed by the secret box. */
    secret: string | null
    status: string
    created_at: number
    updated_at: number
  }
  webhook_events: { webhook: string; entity: string; action: string }
  webhook_deliveries: DeliveryRow
}

export interface DeliveryRow {
  id: string
  webhook: string
  entity: string
  action: string
  body: string
  state: string
  attempts: number
  next_at: number
  response_status: number | null
  error: string | null
  created_at: number
  ended_at: number | null
}

export type Db = Kysely<WebhookTables>
