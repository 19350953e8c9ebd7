export type { AddressPolicy } from './address.ts'
export { createWebhookDeliverer, type WebhookDeliverer } from './deliverer.ts'
export { noteWebhookEvent } from './outbox.ts'
export { webhookRoutes } from './routes.ts'
export { createSecretBox, type SecretBox } from './secret-box.ts'
export { createSend } from './send.ts'
export {
  type CreateWebhookInput,
  createWebhookService,
  type WebhookService,
  type WebhookTest,
} from './service.ts'
export {
  type Webhook,
  type WebhookDelivery,
  type WebhookEventType,
  type WebhookStatus,
  webhookEvents,
} from './webhook.ts'
