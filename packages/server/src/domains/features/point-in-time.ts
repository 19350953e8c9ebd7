import { newId } from '../../kernel/ids.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { freshValue, moments, newestRows } from './newest-rows.ts'
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
  lake: Pick<Lake, 'run'>,
  { spine, timestamp, columns, views }: PointInTimeInput,
  use: (sql: string) => Promise<Result>,
  options: LakeOptions = {},
): Promise<Result> {
  const prefix = newId('join')
  const made: string[] = []
  const make = async (name: string, sql: string) => {
    const table = quoteName(`${prefix}_${name}`)
    made.push(table)
    await lake.run(`CREATE TABLE ${table} AS ${sql}`, options)
    return table
  }
  const drop = async (table: string) => {
    await lake.run(`DROP TABLE IF EXISTS ${table}`)
    made.splice(made.indexOf(table), 1)
  }
  const numbered = views.map((view, i) => ({ ...view, i }))
  try {
    let rows = await make('spine', `SELECT * FROM ${spine}`)
    for (const view of numbered.filter(({ plan }) => plan.last.length > 0)) {
      const known = await make(`known${view.i}`, withMoments(rows, timestamp, view))
      await drop(rows)
      rows = known
    }
    const parts = new Map<number, { newest?: string; windows?: string }>()
    for (const { i, ...view } of numbered) {
      const { plan } = view
      parts.set(i, {
        ...(plan.last.length > 0 && { newest: await make(`rows${i}`, newestRows(view, rows, `known$${i}`)) }),
        ...(plan.aggregates.length > 0 && {
          windows: await make(
            `values${i}`,
            `WITH spine AS NOT MATERIALIZED (SELECT * FROM ${rows}), ${windowTables(view, i, timestamp).join(', ')} SELECT * FROM values${i}`,
          ),
        }),
      })
    }
    return await use(assemble({ rows, timestamp, columns, views }, parts))
  } finally {
    for (const table of made) await lake.run(`DROP TABLE IF EXISTS ${table}`)
  }
}

/** Rows with the moment `known$<i>` of the view's newest row: the as-of lookup sorts keys and times alone. */
function withMoments(rows: string, timestamp: string, view: PointInTimeView & { i: number }): string {
  return `SELECT spine.*, moments.known$ AS known$${view.i} FROM ${rows} AS spine
    ASOF LEFT JOIN (${moments(view)}) AS moments
    ON ${keysEqual(view.plan, 'spine', 'moments')} AND spine.${quoteName(timestamp)} >= moments.known$`
}

function assemble(
  { rows, timestamp, columns, views }: Omit<PointInTimeInput, 'spine'> & { rows: string },
  parts: ReadonlyMap<number, { newest?: string; windows?: string }>,
): string {
  const time = `spine.${quoteName(timestamp)}`
  const joins: string[] = []
  const selected = columns.map((name) => `spine.${quoteName(name)}`)
  for (const [i, { plan }] of views.entries()) {
    const { newest, windows } = parts.get(i) ?? {}
    if (windows) {
      joins.push(
        `LEFT JOIN ${windows} AS values${i} ON ${keysEqual(plan, 'spine', `values${i}`)}
           AND values${i}.hop$ = ${tileOf(`epoch_us(${time})`, plan.hopUs)}`,
      )
    }
    if (newest) {
      joins.push(
        `LEFT JOIN ${newest} AS rows${i} ON ${keysEqual(plan, 'spine', `rows${i}`)} AND spine.known$${i} = rows${i}.known$`,
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
