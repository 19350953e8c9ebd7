export { noteWebhookEvent } from './outbox.ts'
