import { expect, test } from 'vitest'
import { t } from './column.ts'
import { dataset } from './dataset.ts'
import { entity } from './entity.ts'
import { last, sql } from './feature.ts'
import { featureService } from './feature-service.ts'
import { featureView } from './feature-view.ts'
import { label } from './label.ts'
import { snapshots } from './snapshots.ts'
import { parquet } from './source.ts'
import { trainingSet } from './training-set.ts'

const orders = dataset('orders', {
  source: parquet('orders.parquet'),
  schema: { at: t.timestamp(), written: t.timestamp(), customer: t.int64(), amount: t.float64() },
  timestamp: 'at',
})
const customer = entity('customer', { key: { customer: t.int64() } })
const spending = featureView('spending', {
  entity: customer,
  from: orders,
  created: 'written',
  features: (c) => ({ last_amount: last(c.amount) }),
})
const service = featureService('spending_features', [spending], { timestamp: 'at' })
const spine = snapshots({ of: orders, entity: customer, every: '1d' })
const bought = label('bought', t.boolean(), 'true', {
  from: orders,
  entity: customer,
  within: '7d',
  otherwise: false,
})
const context = { resolvePath: (path: string) => path, bundle: '' } as never

test('snapshots, a label of later events and a split compile to their definition', () => {
  const set = trainingSet('buyers', {
    spine,
    service,
    label: bought,
    split: { by: 'time', train: 0.8, test: 0.2 },
    leakage: 'stop',
  })
  expect(set.members).toEqual(['train', 'test'])
  expect(set.compile(context)).toEqual({
    kind: 'training-set',
    name: 'buyers',
    spine: { dataset: 'orders', entity: 'customer', everyMs: 86_400_000 },
    service: 'spending_features',
    label: {
      name: 'bought',
      type: 'boolean',
      sql: 'true',
      window: {
        dataset: 'orders',
        entity: 'customer',
        timestamp: 'at',
        windowMs: 604_800_000,
        take: 'first',
        otherwise: false,
      },
    },
    // No label of the one member looks into the other.
    split: { by: 'time', shares: { train: 0.8, test: 0.2 }, gapMs: 604_800_000 },
    leakage: { action: 'stop', allow: [] },
  })
  expect(spending.compile(context)).toMatchObject({ timestamp: 'at', created: 'written' })
  const stratified = trainingSet('x', {
    spine: orders,
    service,
    label: bought,
    keep: ['amount'],
    split: { by: 'stratified', train: 0.5, validation: 0.25, test: 0.25, seed: 5 },
  })
  expect(stratified.compile(context)).toMatchObject({
    keep: ['amount'],
    split: { by: 'stratified', seed: 5, column: 'bought' },
  })
})

test('a query is a spine', () => {
  const spine = sql('select * from orders', {
    uses: [orders],
    columns: { at: t.timestamp(), customer: t.int64() },
    timestamp: 'at',
  })
  expect(trainingSet('x', { spine, service }).compile(context)).toMatchObject({
    spine: {
      sql: 'select * from orders',
      uses: ['orders'],
      schema: { at: 'timestamp', customer: 'int64' },
    },
  })
  const other = sql('select * from orders', {
    uses: [orders],
    columns: { at: t.timestamp() },
    timestamp: 'at',
  })
  // @ts-expect-error The key is missing.
  expect(() => trainingSet('x', { spine: other, service })).toThrow('no int64 column "customer"')
})

test('what cannot be meant is refused', () => {
  expect(() => trainingSet('x', { spine, service, split: { by: 'random', train: 0.8, test: 0.1 } })).toThrow(
    'shares that add up to 1',
  )
  expect(() =>
    trainingSet('x', { spine, service, split: { by: 'stratified', train: 0.8, test: 0.2 } }),
  ).toThrow('name the column to stratify by')
  expect(() =>
    label('n', t.float64(), 'true', { from: orders, entity: customer, within: '1d', take: 'count' }),
  ).toThrow('a count is an int64')
  const withAmount = featureService('s', [spending], { timestamp: 'at', request: { amount: t.float64() } })
  expect(() => trainingSet('x', { spine, service: withAmount })).toThrow(
    'snapshots have a time and the key customer only',
  )
})
