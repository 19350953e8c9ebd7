import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { freshValue } from './newest-rows.ts'
import { findNewest, type NewestTables } from './newest-tables.ts'
import { pruneEvents, timeRange } from './pruned-view.ts'
import { createTemporaryTables } from './temporary-tables.ts'
import { tileOf } from './tiles.ts'
import { keysEqual } from './view-plan.ts'
import { type PointInTimeView, windowTables } from './windows.ts'

export interface PointInTimeInput {
  /** A relation with the timestamp, the keys and whatever else shall be carried along. One result row per row. */
  spine: string
  /** Event time column of the spine. */
  timestamp: string
  /** Spine columns of the result, in order. */
  columns: readonly string[]
  views: readonly PointInTimeView[]
}

/**
 * The point-in-time join: the spine's rows, each with the features as they were known at its time t.
 *
 * - `last`: the newest row of the key with `event time <= t` and age <= ttl (both ends inclusive). The whole row
 *   counts: a null in it is null. If the view has a time of creation, only rows that were created at or before t
 *   count. Of several rows at the same microsecond the one that was created last wins, then the greatest in the
 *   order of the used columns.
 * - Aggregates: at T = floor(t / hop) * hop, over events with `T - window <= event time < T`. If the key's newest
 *   event before T is older than T - ttl, all aggregates of the view are null; a key without any event before T
 *   has the count 0 and no sum or mean.
 * - A null key finds nothing: all its features are null.
 *
 * Views are looked up one after the other, each into a table of the lake, so that only one is sorted at a time whatever
 * their number; `use` gets the SQL that puts the tables together, which are gone when it has ended.
 */
export async function joinPointInTime<Result>(
  lake: Pick<Lake, 'run' | 'rows'>,
  { spine, timestamp, columns, views }: PointInTimeInput,
  use: (sql: string) => Promise<Result>,
  options: LakeOptions = {},
): Promise<Result> {
  const tables = createTemporaryTables(lake, options)
  try {
    const table = await tables.make('spine', `SELECT * FROM ${spine}`)
    const range = await timeRange(lake, table, timestamp, options)
    const newest = await findNewest({ lake, tables, spine: table, timestamp, columns, range, views, options })
    const rows = newest?.isWhole ? newest.known : table
    const windows = new Map<number, string>()
    for (const [i, view] of views.entries()) {
      if (view.plan.aggregates.length === 0) continue
      const steps = windowTables(pruneEvents(view, range), i, timestamp)
      const sql = `WITH spine AS NOT MATERIALIZED (SELECT * FROM ${rows}), ${steps.join(', ')} SELECT * FROM values${i}`
      windows.set(i, await tables.make(`values${i}`, sql))
    }
    return await use(assemble({ rows, timestamp, columns, views }, { newest, windows }))
  } finally {
    await tables.dropAll()
  }
}

interface Parts {
  newest: NewestTables | undefined
  windows: ReadonlyMap<number, string>
}

function assemble(
  { rows, timestamp, columns, views }: Omit<PointInTimeInput, 'spine'> & { rows: string },
  { newest, windows }: Parts,
): string {
  const time = `spine.${quoteName(timestamp)}`
  const known = newest?.isWhole ? 'spine' : 'known'
  const joins =
    newest && !newest.isWhole ? [`JOIN ${newest.known} AS known ON known.place$ = spine.rowid`] : []
  const selected = columns.map((name) => `spine.${quoteName(name)}`)
  for (const [i, { plan }] of views.entries()) {
    const table = windows.get(i)
    if (table) {
      joins.push(
        `LEFT JOIN ${table} AS values${i} ON ${keysEqual(plan, 'spine', `values${i}`)}
           AND values${i}.hop$ = ${tileOf(`epoch_us(${time})`, plan.hopUs)}`,
      )
    }
    const found = newest?.rows.get(i)
    if (found) {
      joins.push(
        `LEFT JOIN ${found} AS rows${i} ON ${keysEqual(plan, known, `rows${i}`)} AND ${known}.known$${i} = rows${i}.known$`,
      )
    }
    for (const name of Object.keys(plan.features)) {
      const place = plan.last.findIndex((feature) => feature.name === name)
      selected.push(
        `${place < 0 ? `values${i}.${quoteName(name)}` : freshValue(plan, i, place, time)} AS ${quoteName(name)}`,
      )
    }
  }
  return `SELECT ${selected.join(', ')} FROM ${rows} AS spine ${joins.join(' ')}`
}
