import { get, post, type Step } from '../step.ts'

const long = (length: number) => 'x'.repeat(length)

const entries: Step[] = [
  ...(['log-parameter', 'set-tag'] as const).flatMap((call) => [
    post(`/runs/${call}`, { run_id: '$run', key: 'p', value: '1' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'p', value: '1' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'p', value: '2' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'empty', value: '' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'absent' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'null', value: null }),
    post(`/runs/${call}`, { run_id: '$run', key: 'number', value: 5 }),
    post(`/runs/${call}`, { run_id: '$run', key: 'bool', value: true }),
    post(`/runs/${call}`, { run_id: '$run', value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: '', value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: 5, value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'a/../b', value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'a;b', value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'ü ñ', value: '名前 🚀' }),
    post(`/runs/${call}`, { run_id: '$run', key: long(250), value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: long(251), value: 'v' }),
    post(`/runs/${call}`, { run_id: '$run', key: 'quote', value: 'it\'s "x" \n' }),
    post(`/runs/${call}`, { run_id: 'none', key: 'k', value: 'v' }),
    post(`/runs/${call}`, { key: 'k', value: 'v' }),
    post(`/runs/${call}`, { run_uuid: '$run', key: 'uuid', value: 'v' }),
  ]),
  post('/runs/set-tag', { run_id: '$run', key: 'mlflow.runName', value: 'three' }),
  post('/runs/delete-tag', { run_id: '$run', key: 'empty' }),
  post('/runs/delete-tag', { run_id: '$run', key: 'empty' }),
  post('/runs/delete-tag', { run_id: '$run' }),
  post('/runs/delete-tag', { run_id: 'none', key: 'k' }),
  get('/runs/get', { run_id: '$run' }),
  post(
    '/runs/create',
    { experiment_id: '$rexp', run_name: 'long values', start_time: 1 },
    { save: { longrun: 'run.info.run_id' } },
  ),
  post('/runs/log-parameter', { run_id: '$longrun', key: 'long', value: long(6001) }),
  post('/runs/set-tag', { run_id: '$longrun', key: 'long', value: long(8001) }),
  get('/runs/get', { run_id: '$longrun' }),
]

const many = (count: number, of: (i: number) => object) => Array.from({ length: count }, (_, i) => of(i))
const asMetric = (i: number) => ({ key: `m${i}`, value: i, timestamp: 1, step: 0 })
const asEntry = (i: number) => ({ key: `k${i}`, value: `${i}` })
const batch = (body: object) => post('/runs/log-batch', { run_id: '$brun', ...body })
const batches: Step[] = [
  post(
    '/runs/create',
    { experiment_id: '$rexp', run_name: 'batch', start_time: 1 },
    { save: { brun: 'run.info.run_id' } },
  ),
  batch({}),
  batch({
    metrics: [{ key: 'a', value: 1, timestamp: 1, step: 1 }],
    params: [{ key: 'p', value: '1' }],
    tags: [{ key: 't', value: 'v' }],
  }),
  batch({
    metrics: [{ key: 'a', value: 1, timestamp: 1, step: 1 }],
    params: [{ key: 'p', value: '1' }],
    tags: [{ key: 't', value: 'w' }],
  }),
  batch({ params: [{ key: 'p', value: '2' }], metrics: [{ key: 'never', value: 1, timestamp: 1 }] }),
  batch({
    params: [
      { key: 'd', value: '1' },
      { key: 'd', value: '1' },
    ],
  }),
  batch({
    params: [
      { key: 'd', value: '1' },
      { key: 'd', value: '2' },
    ],
  }),
  batch({
    tags: [
      { key: 'd', value: '1' },
      { key: 'd', value: '2' },
    ],
  }),
  batch({
    metrics: [
      { key: 'dup', value: 1, timestamp: 1 },
      { key: 'dup', value: 1, timestamp: 1 },
    ],
  }),
  batch({ metrics: [{ key: 'nan', value: 'NaN', timestamp: 1 }] }),
  batch({
    metrics: [
      { key: 'ok', value: 1, timestamp: 1 },
      { key: 'a;b', value: 1, timestamp: 1 },
    ],
  }),
  ...[
    {},
    { key: 'a' },
    { key: 'a', value: 1 },
    { key: 'a', value: 'x', timestamp: 1 },
    { key: 'a', value: 1, timestamp: 'x' },
    { key: '', value: 1, timestamp: 1 },
    { key: 'a', value: 1, timestamp: 1, step: 'x' },
    { value: 1, timestamp: 1 },
    'text',
    null,
    5,
  ].map((item) => batch({ metrics: [item] })),
  ...[
    {},
    { key: 'only' },
    { key: 'n', value: 5 },
    { key: '', value: 'v' },
    { value: 'v' },
    { key: 'a/../b', value: 'v' },
    { key: long(251), value: 'v' },
  ].flatMap((item) => [batch({ params: [item] }), batch({ tags: [item] })]),
  batch({ metrics: { key: 'a' } }),
  batch({ metrics: 'a' }),
  batch({ params: 5 }),
  batch({ metrics: many(1001, asMetric) }),
  batch({ params: many(101, asEntry) }),
  batch({ tags: many(101, asEntry) }),
  batch({ metrics: many(950, asMetric), params: many(51, asEntry) }),
  batch({ metrics: many(20, asMetric), params: many(10, asEntry) }),
  post('/runs/log-batch', { run_id: 'none', metrics: [] }),
  post('/runs/log-batch', {}),
  get('/runs/get', { run_id: '$brun' }),
]

export const dataset = {
  name: 'd',
  digest: 'abc',
  source_type: 'local',
  source: '{}',
  schema: '{}',
  profile: '{"n":1}',
}
const inputs: Step[] = [
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset, tags: [{ key: 'mlflow.data.context', value: 'training' }] }],
  }),
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset: { ...dataset, source: 'other' }, tags: [{ key: 'x', value: 'y' }] }],
  }),
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset: { ...dataset, name: 'minimal', schema: undefined, profile: undefined } }],
  }),
  ...['name', 'digest', 'source_type', 'source'].flatMap((field) => [
    post('/runs/log-inputs', {
      run_id: '$brun',
      datasets: [{ dataset: { ...dataset, [field]: undefined } }],
    }),
    post('/runs/log-inputs', { run_id: '$brun', datasets: [{ dataset: { ...dataset, [field]: '' } }] }),
  ]),
  post('/runs/log-inputs', { run_id: '$brun', datasets: [{ dataset: { ...dataset, name: long(501) } }] }),
  post('/runs/log-inputs', { run_id: '$brun', datasets: [{ dataset: { ...dataset, digest: long(37) } }] }),
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset: { ...dataset, source: long(65_536) } }],
  }),
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset, tags: [{ key: long(256), value: 'v' }] }],
  }),
  post('/runs/log-inputs', {
    run_id: '$brun',
    datasets: [{ dataset, tags: [{ key: 'k', value: long(501) }] }],
  }),
  post('/runs/log-inputs', { run_id: '$brun', datasets: [{}] }),
  post('/runs/log-inputs', { run_id: '$brun', datasets: 'a' }),
  post('/runs/log-inputs', { run_id: '$brun' }),
  post('/runs/log-inputs', { run_id: 'none', datasets: [{ dataset }] }),
  post('/runs/log-inputs', { run_id: '$brun', models: [{ model_id: 'm-none' }] }),
  post('/runs/log-inputs', { run_id: '$brun', models: [{}] }),
  get('/runs/get', { run_id: '$brun' }),
  post('/ajax-api/2.0/mlflow/experiments/search-datasets', { experiment_ids: ['$rexp'] }),
  post('/ajax-api/2.0/mlflow/experiments/search-datasets', { experiment_ids: [] }),
  post('/ajax-api/2.0/mlflow/experiments/search-datasets', {}),
  post('/ajax-api/2.0/mlflow/experiments/search-datasets', {
    experiment_ids: Array.from({ length: 21 }, (_, i) => String(i)),
  }),
  post('/api/2.0/mlflow/experiments/search-datasets', { experiment_ids: ['$rexp'] }),
  post('/runs/outputs', { run_id: '$brun' }),
  post('/runs/outputs', { run_id: '$brun', models: [] }),
  post('/runs/outputs', { run_id: '$brun', models: [{ step: 1 }] }),
  post('/runs/log-model', {
    run_id: '$brun',
    model_json: '{"artifact_path": "a", "flavors": {}, "utc_time_created": "t", "run_id": "r"}',
  }),
  post('/runs/log-model', { run_id: '$brun', model_json: '{"artifact_path": "a"}' }),
  post('/runs/log-model', { run_id: '$brun', model_json: '{' }),
  post('/runs/log-model', { run_id: '$brun', model_json: 5 }),
  post('/runs/log-model', { run_id: '$brun' }),
  post('/runs/log-model', {
    run_id: 'none',
    model_json: '{"artifact_path": "a", "flavors": {}, "utc_time_created": "t", "run_id": "r"}',
  }),
]

export const runEntries = { entries, batches, inputs }
