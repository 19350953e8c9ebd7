import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

export interface WebhookEvent {
  entity: 'REGISTERED_MODEL' | 'MODEL_VERSION' | 'MODEL_VERSION_TAG' | 'MODEL_VERSION_ALIAS'
  action: 'CREATED' | 'SET' | 'DELETED'
}

export interface Webhook {
  id: string
  name: string
  url: string
  description: string | null
  events: WebhookEvent[]
  status: 'ACTIVE' | 'DISABLED'
  /** Whether deliveries are signed; the secret itself is never told. */
  signed: boolean
  createdAt: number
  updatedAt: number
}

export interface WebhookInput {
  name: string
  url: string
  events: WebhookEvent[]
  description?: string | null
  secret?: string | null
  status?: 'ACTIVE' | 'DISABLED'
}

export interface WebhookDelivery extends WebhookEvent {
  id: string
  webhook: string
  state: 'PENDING' | 'DELIVERED' | 'FAILED'
  attempts: number
  nextAt: number
  responseStatus: number | null
  error: string | null
  createdAt: number
  endedAt: number | null
}

export interface WebhookTest {
  success: boolean
  responseStatus: number | null
  responseBody: string | null
  error: string | null
}

export function webhookCalls({ send }: Transport) {
  return {
    webhooks: {
      list: (page?: PageInput) =>
        send<Page<Webhook>>({ method: 'GET', path: '/v1/webhooks', query: { ...page } }),
      get: (id: string) => send<Webhook>({ method: 'GET', path: path`/v1/webhooks/${id}` }),
      create: (body: WebhookInput) => send<Webhook>({ method: 'POST', path: '/v1/webhooks', body }),
      update: (id: string, body: Partial<WebhookInput>) =>
        send<Webhook>({ method: 'PATCH', path: path`/v1/webhooks/${id}`, body }),
      delete: (id: string) => send<void>({ method: 'DELETE', path: path`/v1/webhooks/${id}` }),
      /** Sends an example of an event now, once. */
      test: (id: string, event?: WebhookEvent) =>
        send<WebhookTest>({ method: 'POST', path: path`/v1/webhooks/${id}/test`, body: { event } }),
      deliveries: (id: string, page?: PageInput) =>
        send<Page<WebhookDelivery>>({
          method: 'GET',
          path: path`/v1/webhooks/${id}/deliveries`,
          query: { ...page },
        }),
    },
  }
}
