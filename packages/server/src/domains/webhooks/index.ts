export { createWebhookDeliverer } from './deliverer.ts'
export { noteWebhookEvent } from './outbox.ts'
export { webhookRoutes } from './routes.ts'
export { createSecretBox } from './secret-box.ts'
export { createSend } from './send.ts'
export { createWebhookService, type WebhookService } from './service.ts'
export {
  type Webhook,
  type WebhookEventType,
  webhookEvents,
} from './webhook.ts'
