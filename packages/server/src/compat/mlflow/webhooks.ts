import { type Webhook, type WebhookEventType, webhookEvents } from '../../domains/webhooks/index.ts'
import type { MlflowDeps } from './deps.ts'
import { type Endpoint, endpoint, orAbsent } from './endpoint.ts'
import { MlflowError } from './mlflow-error.ts'
import { messageOf, required } from './wire/message.ts'
import { checked, enumOf, int64, listOf, text, type WireType, withDefault } from './wire/types.ts'

const entity = enumOf({
  REGISTERED_MODEL: 1,
  MODEL_VERSION: 2,
  MODEL_VERSION_TAG: 3,
  MODEL_VERSION_ALIAS: 4,
  PROMPT: 5,
  PROMPT_VERSION: 6,
  PROMPT_TAG: 7,
  PROMPT_VERSION_TAG: 8,
  PROMPT_ALIAS: 9,
  BUDGET_POLICY: 10,
})
const action = enumOf({ CREATED: 1, UPDATED: 2, DELETED: 3, SET: 4, EXCEEDED: 5 })
const status = enumOf({ ACTIVE: 1, DISABLED: 2 })
const eventFields = messageOf({ entity: required(entity), action: required(action) })

/** An event that happens here: those of prompts and budgets do not. */
const event: WireType<WebhookEventType> = {
  read(value, at) {
    const given = eventFields.read(value, at)
    const actions: readonly string[] | undefined =
      given && (webhookEvents as Record<string, readonly string[]>)[given.entity]
    if (given && actions?.includes(given.action)) return given as WebhookEventType
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid action '${given?.action.toLowerCase()}' for entity '${given?.entity.toLowerCase()}' in '${at}'.`,
    )
  },
}

export function webhookEndpoints({ webhooks }: MlflowDeps): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: '/webhooks',
      request: {
        name: required(text),
        url: required(text),
        events: required(listOf(event)),
        description: text,
        secret: text,
        status,
      },
      handle: async (given) => ({ webhook: toWire(await webhooks.createWebhook(given)) }),
    }),
    endpoint({
      method: 'GET',
      path: '/webhooks',
      request: {
        max_results: withDefault(
          checked(int64, (count) => (count < 1 || count > 1000 ? 'It must be 1 to 1000.' : undefined)),
          100,
        ),
        page_token: text,
      },
      async handle({ max_results, page_token }) {
        const page = { limit: max_results, pageToken: page_token || undefined }
        const { items, nextPageToken } = await webhooks.listWebhooks(page)
        return { webhooks: orAbsent(items.map(toWire)), next_page_token: nextPageToken }
      },
    }),
    endpoint({
      method: 'GET',
      path: '/webhooks/:webhook_id',
      request: { webhook_id: required(text) },
      handle: async ({ webhook_id }) => ({ webhook: toWire(await webhooks.getWebhook(webhook_id)) }),
    }),
    endpoint({
      method: 'PATCH',
      path: '/webhooks/:webhook_id',
      request: {
        webhook_id: required(text),
        name: text,
        url: text,
        events: listOf(event),
        description: text,
        secret: text,
        status,
      },
      async handle({ webhook_id, events, ...change }) {
        const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
        const all = { ...given, ...(events.length === 0 ? {} : { events }) }
        return { webhook: toWire(await webhooks.updateWebhook(webhook_id, all)) }
      },
    }),
    endpoint({
      method: 'DELETE',
      path: '/webhooks/:webhook_id',
      request: { webhook_id: required(text) },
      async handle({ webhook_id }) {
        await webhooks.deleteWebhook(webhook_id)
        return {}
      },
    }),
    endpoint({
      method: 'POST',
      path: '/webhooks/:webhook_id/test',
      request: { webhook_id: required(text), event },
      async handle({ webhook_id, event: tried }) {
        const result = await webhooks.testWebhook(webhook_id, tried)
        return {
          result: {
            success: result.success,
            response_status: result.responseStatus ?? undefined,
            response_body: result.responseBody ?? undefined,
            error_message: result.error ?? undefined,
          },
        }
      },
    }),
  ]
}

function toWire(webhook: Webhook): object {
  return {
    webhook_id: webhook.id,
    name: webhook.name,
    description: webhook.description ?? undefined,
    url: webhook.url,
    events: webhook.events,
    status: webhook.status,
    creation_timestamp: webhook.createdAt,
    last_updated_timestamp: webhook.updatedAt,
  }
}
