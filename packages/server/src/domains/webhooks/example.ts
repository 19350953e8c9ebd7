import type { WebhookAction, WebhookEntity } from './webhook.ts'

const version = { name: 'example_model', version: '1' }

/** Data of a made-up event, for tests of a webhook. */
export function exampleData(entity: WebhookEntity, action: WebhookAction): Record<string, unknown> {
  switch (entity) {
    case 'REGISTERED_MODEL':
      return { name: 'example_model', tags: { example_key: 'example_value' }, description: 'An example' }
    case 'MODEL_VERSION':
      return { ...version, source: 'models:/m-0', run_id: null, tags: {}, description: 'An example' }
    case 'MODEL_VERSION_TAG':
      return { ...version, key: 'example_key', ...(action === 'SET' && { value: 'example_value' }) }
    case 'MODEL_VERSION_ALIAS':
      return action === 'DELETED'
        ? { name: 'example_model', alias: 'example_alias' }
        : { ...version, alias: 'example_alias' }
  }
}
