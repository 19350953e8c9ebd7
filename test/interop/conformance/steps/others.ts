import { del, get, patch, post, raw, type Step } from '../step.ts'

const events = [{ entity: 'MODEL_VERSION', action: 'CREATED' }]
const hook = { name: 'hook', url: 'https://93.184.216.34/hook', events }
const create = (change: object, more?: Partial<Step>) => post('/webhooks', { ...hook, ...change }, more)

const webhooks: Step[] = [
  get('/webhooks'),
  create({ description: 'about', secret: 'abc' }, { save: { hook: 'webhook.webhook_id' } }),
  get('/webhooks/$hook'),
  create({ name: 'second', status: 'DISABLED' }, { save: { second: 'webhook.webhook_id' } }),
  ...['', 'A', 'a b', '-a', 'a-', 'a.b_c-d', 'x'.repeat(63), 'x'.repeat(64), 5, null].map((name) =>
    create({ name }),
  ),
  ...['', 'ftp://example.com', 'example.com', 'https://', 'not a url', 5, null].map((url) => create({ url })),
  ...[
    [],
    null,
    'a',
    [{}],
    [{ entity: 'BOGUS', action: 'CREATED' }],
    [{ entity: 'MODEL_VERSION', action: 'BOGUS' }],
    [{ entity: 'MODEL_VERSION', action: 'SET' }],
    [
      { entity: 'REGISTERED_MODEL', action: 'CREATED' },
      { entity: 'MODEL_VERSION_TAG', action: 'SET' },
      { entity: 'MODEL_VERSION_TAG', action: 'DELETED' },
      { entity: 'MODEL_VERSION_ALIAS', action: 'CREATED' },
      { entity: 'MODEL_VERSION_ALIAS', action: 'DELETED' },
    ],
  ].map((given) => create({ events: given })),
  create({ status: 'BOGUS' }),
  post('/webhooks', {}),
  get('/webhooks', { max_results: 1 }, { save: { hookPage: 'next_page_token' } }),
  get('/webhooks', { max_results: 0 }),
  get('/webhooks', { max_results: 1001 }),
  get('/webhooks', { page_token: 'bogus' }),
  get('/webhooks/none'),
  patch('/webhooks/$hook', { name: 'changed' }),
  patch('/webhooks/$hook', { url: 'ftp://x' }),
  patch('/webhooks/$hook', { status: 'DISABLED', description: '' }),
  patch('/webhooks/$hook', { events: [] }),
  patch('/webhooks/$hook', {}),
  patch('/webhooks/none', { name: 'x' }),
  post('/webhooks/none/test', {}),
  del('/webhooks/$second', {}),
  del('/webhooks/$second', {}),
  del('/webhooks/none', {}),
]

const meta: Step[] = [
  raw('GET', '/health'),
  raw('GET', '/version'),
  raw('GET', '/api/3.0/mlflow/server-info'),
  raw('GET', '/ajax-api/3.0/mlflow/server-info'),
  raw('GET', '/api/2.0/mlflow'),
  raw('GET', '/api/2.0/mlflow/none'),
  raw('POST', '/api/2.0/mlflow/none', { headers: { 'content-type': 'application/json' }, body: '{}' }),
  raw('GET', '/api/4.0/mlflow/none'),
  raw('GET', '/api/2.0/preview/mlflow/experiments/get?experiment_id=0'),
]

export const others = { webhooks, meta }
