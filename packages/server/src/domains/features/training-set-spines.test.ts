import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LakeColumn } from '../../ports/lake.ts'
import { createTemporaryData } from '../../testing/temporary-data.ts'
import { createFeatureService, type FeatureService } from './service.ts'

const day = 86_400_000
const source = (name: string) => ({ format: 'csv', path: `${name}.csv` })
const orders = {
  kind: 'dataset',
  name: 'orders',
  source: source('orders'),
  schema: { at: 'timestamp', customer: 'int64', amount: 'float64' },
  derived: {},
  timestamp: 'at',
  expectations: [],
}
const cancellations = {
  kind: 'dataset',
  name: 'cancellations',
  source: source('cancellations'),
  schema: { day: 'timestamp', customer: 'int64' },
  derived: {},
  timestamp: 'day',
  expectations: [],
}
const customer = { kind: 'entity', name: 'customer', key: { customer: 'int64' } }
const spending = {
  kind: 'feature-view',
  name: 'spending',
  entity: 'customer',
  from: 'orders',
  timestamp: 'at',
  ttlMs: null,
  hopMs: day,
  features: { last_amount: { type: 'float64', last: 'amount' } },
}
const service = {
  kind: 'feature-service',
  name: 'spending_features',
  featureViews: ['spending'],
  onDemandViews: [],
  request: {},
  timestamp: 'moment',
}
const churn = {
  kind: 'training-set',
  name: 'churn',
  spine: { dataset: 'orders', entity: 'customer', everyMs: day },
  service: 'spending_features',
  label: {
    name: 'churned',
    type: 'boolean',
    sql: 'true',
    window: {
      dataset: 'cancellations',
      entity: 'customer',
      timestamp: 'day',
      windowMs: 2 * day,
      take: 'first',
      otherwise: false,
    },
  },
}
const byOrder = {
  kind: 'training-set',
  name: 'by_order',
  spine: 'orders',
  service: 'order_features',
  keep: ['amount'],
  label: {
    ...churn.label,
    window: { ...churn.label.window, take: 'count', otherwise: undefined },
    type: 'int64',
  },
}
const joined = {
  kind: 'training-set',
  name: 'joined',
  spine: {
    sql: `SELECT "at", orders.customer, epoch_us(day) - epoch_us("at") AS "left"
      FROM orders JOIN cancellations ON orders.customer = cancellations.customer`,
    uses: ['orders', 'cancellations'],
    schema: { at: 'timestamp', customer: 'int64', left: 'int64' },
  },
  service: 'order_features',
  label: { name: 'until_end', type: 'float64', sql: '"left" / 86400000000' },
}
const atOrder = { ...service, name: 'order_features', timestamp: 'at' }

let embedded: Awaited<ReturnType<typeof createTemporaryData>>
let features: FeatureService
let version: { dataset: string; version: string }

beforeAll(async () => {
  embedded = await createTemporaryData()
  features = createFeatureService(embedded)
  const { label, ...rest } = byOrder
  const { otherwise: _, ...window } = label.window
  await embedded.apply([
    orders,
    cancellations,
    customer,
    spending,
    service,
    atOrder,
    churn,
    joined,
    { ...rest, label: { ...label, window } },
  ])
  const write = (name: string, lines: string[]) =>
    writeFile(join(embedded.dir, `${name}.csv`), `${lines.join('\n')}\n`)
  await write('orders', [
    'at,customer,amount',
    '1970-01-01 12:00:00,1,5',
    '1970-01-03 00:00:00,1,7',
    '1970-01-03 00:00:00.000001,2,9',
  ])
  await write('cancellations', ['day,customer', '1970-01-05 00:00:00,1', '1970-01-07 00:00:00,3'])
  await embedded.data.ingest({ dataset: 'cancellations' })
  version = await embedded.data.ingest({ dataset: 'orders' })
})
afterAll(() => embedded.close())

const rowsOf = async (name: string, until: number) => {
  const { digest, manifest } = await features.buildTrainingSet({ name, version, from: 0, until })
  const { columns, rows } = await features.loadTrainingSet(digest)
  const read = (column: LakeColumn, row: number) =>
    column.kind === 'string' ? column.dictionary[column.codes[row]] : column.values[row]
  return {
    manifest,
    rows: Array.from({ length: rows }, (_, row) => columns.map((column) => read(column, row))),
  }
}

test('snapshots have each key from its first row on, with features and labels of its time', async () => {
  const { manifest, rows } = await rowsOf('churn', 7 * day)
  expect(manifest.columns.map(({ name, role }) => [name, role])).toEqual([
    ['customer', 'key'],
    ['moment', 'timestamp'],
    ['last_amount', 'feature'],
    ['churned', 'label'],
  ])
  // Cancellations are known until the 7th: windows of two days that begin on the 5th or later are not over.
  expect(rows).toEqual([
    [1, 1 * day, 5, 0],
    [1, 2 * day, 7, 1],
    [1, 3 * day, 7, 1],
    [2, 3 * day, 9, 0],
    [1, 4 * day, 7, Number.NaN],
    [2, 4 * day, 9, Number.NaN],
    [1, 5 * day, 7, Number.NaN],
    [2, 5 * day, 9, Number.NaN],
    [1, 6 * day, 7, Number.NaN],
    [2, 6 * day, 9, Number.NaN],
  ])
  expect(manifest.datasets.map(({ dataset }) => dataset)).toEqual(['orders', 'cancellations'])
  expect(Object.keys(manifest.definitions).sort()).toEqual([
    'dataset/cancellations',
    'dataset/orders',
    'entity/customer',
    'feature-service/spending_features',
    'feature-view/spending',
    'training-set/churn',
  ])
})

test('every row of a dataset comes along, with the columns that are kept', async () => {
  const { manifest, rows } = await rowsOf('by_order', 30 * day)
  expect(manifest.columns.at(-2)).toEqual({ name: 'amount', type: 'float64', role: 'kept' })
  expect(manifest.features).toEqual(['last_amount'])
  expect(rows).toEqual([
    [1, day / 2, 5, 5, 0],
    [1, 2 * day, 7, 7, 1],
    [2, 2 * day + 0.001, 9, 9, 0],
  ])
})

test('a query over datasets gives its rows, always in the same order', async () => {
  const { manifest, rows } = await rowsOf('joined', 30 * day)
  expect(manifest.columns.map(({ name }) => name)).toEqual(['customer', 'at', 'last_amount', 'until_end'])
  expect(rows).toEqual([
    [1, day / 2, 5, 3.5],
    [1, 2 * day, 7, 2],
  ])
  expect(manifest.datasets.map(({ dataset }) => dataset)).toEqual(['orders', 'cancellations'])
  expect(manifest.definitions).toHaveProperty('dataset/cancellations')
  await expect(
    features.checkDefinition(
      {
        ...joined,
        spine: { ...joined.spine, sql: 'SELECT *, 1 AS "left" FROM orders ORDER BY "at"' },
      } as never,
      ((kind: string, name: string) =>
        [orders, cancellations, atOrder, spending, customer].find(
          (one) => one.kind === kind && one.name === name,
        )) as never,
    ),
  ).rejects.toMatchObject({ code: 'definition.invalid', message: expect.stringContaining('order') })
})

test('what does not fit together is refused', async () => {
  const project = [orders, cancellations, customer, spending, service]
  const refused = async (changed: object, reason: string) =>
    expect(embedded.apply([...project, { ...churn, ...changed }])).rejects.toMatchObject({
      code: 'definition.invalid',
      message: expect.stringContaining(reason),
    })
  const { window } = churn.label
  const labelled = (more: object) => ({ label: { ...churn.label, window: { ...window, ...more } } })
  await refused({ spine: { ...churn.spine, dataset: 'nothing' } }, 'which does not exist')
  await refused({ spine: 'cancellations' }, 'names the column "moment"')
  await refused({ keep: ['customer'] }, 'in the set already')
  await refused({ keep: ['amount'] }, 'names the column "amount"')
  await refused(labelled({ otherwise: 0 }), 'otherwise must be boolean, got 0')
  await refused(labelled({ timestamp: 'customer' }), 'needs a timestamp column')
  await refused(labelled({ take: 'count' }), 'must be int64')
})
