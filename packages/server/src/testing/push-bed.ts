import type { Definition } from '@millrace/protocol'
import { loadConfig } from '../config.ts'
import { createLogger } from '../kernel/logger.ts'
import { createServices } from '../services.ts'
import { openStores } from '../stores.ts'

export const tills = ['a', 'b', 'c']

const definitions: Definition[] = [
  {
    kind: 'dataset',
    name: 'sales',
    source: { format: 'parquet', path: 'sales.parquet' },
    schema: { at: 'timestamp', till: 'string', number: 'int64' },
    derived: {},
    timestamp: 'at',
    expectations: [],
  },
  { kind: 'entity', name: 'till', key: { till: 'string' } },
  {
    kind: 'feature-view',
    name: 'newest',
    entity: 'till',
    from: 'sales',
    timestamp: 'at',
    ttlMs: null,
    hopMs: 3_600_000,
    features: { number: { type: 'int64', last: 'number' } },
  },
]

/** The n-th row of a test: its time is its own, and not in the order of the numbers. */
export function rowOf(number: number) {
  return { at: (number * 7919) % 100_003, till: tills[number % tills.length], number }
}

/** The services of a server on a folder, with a view to push rows to. */
export async function openPushBed(dir: string) {
  const config = loadConfig({ dir }, {})
  const stores = await openStores(config)
  const services = createServices(stores, {
    config,
    logger: createLogger('silent'),
    metrics: { countRows() {}, observeLatency() {}, countLogBytes() {}, countExplanations() {} },
  })
  await services.definitions.apply({
    project: 'test',
    definitions,
    bundle: null,
    dryRun: false,
    allowDestroy: false,
  })
  return {
    features: services.features,
    async countPending(): Promise<number> {
      const rows = await stores.db
        .tables<{ feature_pushes: { id: string } }>()
        .selectFrom('feature_pushes')
        .select('id')
        .execute()
      return rows.length
    },
    async readOffline() {
      const relation = await services.data.relation(await services.data.latestVersion('sales'))
      return stores.lake.rows<{ till: string; number: number }>(
        `SELECT till, number FROM ${relation} ORDER BY "at"`,
      )
    },
    close: () => stores.close(),
  }
}
