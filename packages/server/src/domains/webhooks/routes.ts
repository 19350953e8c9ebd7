import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { WebhookService } from './service.ts'
import { type WebhookAction, type WebhookEntity, webhookEvents } from './webhook.ts'

const tags = ['Webhooks']
const Page = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  pageToken: Type.Optional(Type.String({ maxLength: 20 })),
})
const Id = Type.Object({ id: Type.String() })
const closed = { additionalProperties: false } as const
const entities = Object.keys(webhookEvents) as WebhookEntity[]
const actions = [...new Set(Object.values(webhookEvents).flat())] as WebhookAction[]
const Event = Type.Object({ entity: Type.Enum(entities), action: Type.Enum(actions) }, closed)
const text = { url: Type.String(), name: Type.String() }
const more = {
  description: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  secret: Type.Optional(Type.Union([Type.String({ minLength: 1 }), Type.Null()])),
  status: Type.Optional(Type.Enum(['ACTIVE', 'DISABLED'])),
}
const events = Type.Array(Event, { minItems: 1, maxItems: 50 })

/** Routes to keep webhooks, to try them, and to see what was delivered. */
export function webhookRoutes(webhooks: WebhookService): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/webhooks',
      { schema: { tags, summary: 'Webhooks, oldest first', querystring: Page } },
      (request) => webhooks.listWebhooks(request.query),
    )
    app.post(
      '/v1/webhooks',
      {
        schema: {
          tags,
          summary: 'Tell a URL of events of the registry; the secret signs and is never given back',
          body: Type.Object({ ...text, ...more, events }, closed),
        },
      },
      async (request, reply) => reply.status(201).send(await webhooks.createWebhook(request.body)),
    )
    app.get('/v1/webhooks/:id', { schema: { tags, summary: 'One webhook', params: Id } }, (request) =>
      webhooks.getWebhook(request.params.id),
    )
    app.patch(
      '/v1/webhooks/:id',
      {
        schema: {
          tags,
          summary: 'Change what is given of a webhook',
          params: Id,
          body: Type.Partial(Type.Object({ ...text, ...more, events }), closed),
        },
      },
      (request) => webhooks.updateWebhook(request.params.id, request.body),
    )
    app.delete(
      '/v1/webhooks/:id',
      { schema: { tags, summary: 'Delete a webhook with what is still to be delivered', params: Id } },
      async (request, reply) => {
        await webhooks.deleteWebhook(request.params.id)
        return reply.status(204).send()
      },
    )
    app.post(
      '/v1/webhooks/:id/test',
      {
        schema: {
          tags,
          summary: 'Send an example of an event now, once',
          params: Id,
          body: Type.Object({ event: Type.Optional(Event) }, closed),
        },
      },
      (request) => webhooks.testWebhook(request.params.id, request.body.event),
    )
    app.get(
      '/v1/webhooks/:id/deliveries',
      {
        schema: {
          tags,
          summary: 'Deliveries of the last seven days, newest first',
          params: Id,
          querystring: Page,
        },
      },
      (request) => webhooks.listDeliveries(request.params.id, request.query),
    )
  }
}
