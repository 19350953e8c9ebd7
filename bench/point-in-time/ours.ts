import { join } from 'node:path'
import type { DatasetDefinition, EntityDefinition, FeatureViewDefinition } from '@millrace/protocol'
import { joinPointInTime } from '../../packages/server/src/domains/features/point-in-time.ts'
import { planView } from '../../packages/server/src/domains/features/view-plan.ts'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { quoteText } from '../../packages/server/src/kernel/sql.ts'
import { featuresOf, type Run, ttlDays, viewsOf } from './cases.ts'

const [folder, output, tempDir, count] = process.argv.slice(2)

const driver: EntityDefinition = { kind: 'entity', name: 'driver', key: { driver_id: 'int64' } }

function definitionsOf(view: number): { dataset: DatasetDefinition; view: FeatureViewDefinition } {
  const name = `view${view}`
  const features = featuresOf(view)
  const columns = Object.fromEntries(features.map(({ name, type }) => [name, type]))
  return {
    dataset: {
      kind: 'dataset',
      name,
      source: { format: 'parquet', path: `${name}.parquet` },
      schema: { driver_id: 'int64', event_timestamp: 'timestamp', ...columns },
      derived: {},
      timestamp: 'event_timestamp',
      expectations: [],
    },
    view: {
      kind: 'feature-view',
      name,
      entity: driver.name,
      from: name,
      timestamp: 'event_timestamp',
      ttlMs: ttlDays * 86_400_000,
      hopMs: 1000,
      features: Object.fromEntries(features.map(({ name, type }) => [name, { type, last: name }])),
    },
  }
}

const relation = (name: string) => `read_parquet(${quoteText(join(folder, `${name}.parquet`))})`

// The limits that a server has by default.
const lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 512, tempDir })
const started = performance.now()
const views = await Promise.all(
  viewsOf({ views: Number(count) }).map(async (i) => {
    const { dataset, view } = definitionsOf(i)
    return { plan: await planView(lake, view, { entity: driver, dataset }), relation: relation(view.name) }
  }),
)
const input = {
  spine: relation('entities'),
  timestamp: 'event_timestamp',
  columns: ['row_id', 'driver_id', 'event_timestamp'],
  views,
}
await joinPointInTime(lake, input, (sql) => lake.writeParquet(sql, output))
const seconds = (performance.now() - started) / 1000
await lake.close()

const run: Run = { seconds, peakMb: process.resourceUsage().maxRSS / 1024 }
console.log(JSON.stringify(run))
