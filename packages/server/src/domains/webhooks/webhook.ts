/** Events that can be listened to: what happened to what. */
export const webhookEvents = {
  REGISTERED_MODEL: ['CREATED'],
  MODEL_VERSION: ['CREATED'],
  MODEL_VERSION_TAG: ['SET', 'DELETED'],
  MODEL_VERSION_ALIAS: ['CREATED', 'DELETED'],
} as const

export type WebhookEntity = keyof typeof webhookEvents
export type WebhookAction = (typeof webhookEvents)[WebhookEntity][number]

export interface WebhookEventType {
  entity: WebhookEntity
  action: WebhookAction
}

/** Something that happened, as it is told. */
export interface WebhookEvent extends WebhookEventType {
  /** Milliseconds. */
  at: number
  data: Record<string, unknown>
}

export type WebhookStatus = 'ACTIVE' | 'DISABLED'

/** A webhook as everybody may see it: never with its secret. */
export interface Webhook {
  id: string
  name: string
  url: string
  description: string | null
  events: WebhookEventType[]
  status: WebhookStatus
  /** Whether deliveries are signed. */
  signed: boolean
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
}

export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED'

/** One event on its way to one webhook. */
export interface WebhookDelivery extends WebhookEventType {
  id: string
  webhook: string
  state: DeliveryState
  attempts: number
  /** When it is tried next, milliseconds; meaningless once it has ended. */
  nextAt: number
  /** HTTP status of the last answer. */
  responseStatus: number | null
  /** What went wrong last. */
  error: string | null
  createdAt: number
  endedAt: number | null
}
