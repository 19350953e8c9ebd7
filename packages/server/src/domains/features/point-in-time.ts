import { quoteName } from '../../kernel/sql.ts'
import { freshValue, momentTables, newestRowsTables } from './newest-rows.ts'
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
 * SQL of the point-in-time join: the spine's rows, each with the features as they were known at its time t.
 *
 * - `last`: the newest row of the key with `event time <= t` and age <= ttl (both ends inclusive). The whole row
 *   counts: a null in it is null. If the view has a time of creation, only rows that were created at or before t
 *   count. Of several rows at the same microsecond the one that was created last wins, then the greatest in the
 *   order of the used columns.
 * - Aggregates: at T = floor(t / hop) * hop, over events with `T - window <= event time < T`. If the key's newest
 *   event before T is older than T - ttl, all aggregates of the view are null; a key without any event before T
 *   has the count 0 and no sum or mean.
 * - A null key finds nothing: all its features are null.
 */
export function compilePointInTime({ spine, timestamp, columns, views }: PointInTimeInput): string {
  const numbered = views.map((view, i) => ({ ...view, i }))
  const newest = numbered.filter(({ plan }) => plan.last.length > 0)
  const time = `spine.${quoteName(timestamp)}`
  const tables = [
    ...newest.flatMap((view) => momentTables(view, view.i)),
    newest.length > 0
      ? `spine AS MATERIALIZED (${spineWithMoments(spine, timestamp, newest)})`
      : `spine AS NOT MATERIALIZED (SELECT * FROM ${spine})`,
  ]
  const joins: string[] = []
  const selected = columns.map((name) => `spine.${quoteName(name)}`)
  for (const { i, ...view } of numbered) {
    const { plan } = view
    if (plan.aggregates.length > 0) {
      tables.push(...windowTables(view, i, timestamp))
      joins.push(
        `LEFT JOIN values${i} ON ${keysEqual(plan, 'spine', `values${i}`)}
           AND values${i}.hop$ = ${tileOf(`epoch_us(${time})`, plan.hopUs)}`,
      )
    }
    if (plan.last.length > 0) {
      tables.push(...newestRowsTables(view, i))
      joins.push(
        `LEFT JOIN rows${i} ON ${keysEqual(plan, 'spine', `rows${i}`)} AND spine.known$${i} = rows${i}.known$`,
      )
    }
    for (const name of Object.keys(plan.features)) {
      const place = plan.last.findIndex((feature) => feature.name === name)
      selected.push(
        `${place < 0 ? `values${i}.${quoteName(name)}` : freshValue(plan, i, place, time)} AS ${quoteName(name)}`,
      )
    }
  }
  return `WITH ${tables.join(', ')} SELECT ${selected.join(', ')} FROM spine ${joins.join(' ')}`
}

/** The spine with the moment `known$<i>` of each view's newest row: the as-of lookups sort keys and times alone. */
function spineWithMoments(
  spine: string,
  timestamp: string,
  views: readonly (PointInTimeView & { i: number })[],
): string {
  const moments = views.map(({ i }) => `moments${i}.known$ AS known$${i}`)
  const joins = views.map(
    ({ plan, i }) =>
      `ASOF LEFT JOIN moments${i} ON ${keysEqual(plan, 'spine$', `moments${i}`)} AND spine$.${quoteName(timestamp)} >= moments${i}.known$`,
  )
  return `SELECT spine$.*, ${moments.join(', ')} FROM ${spine} AS spine$ ${joins.join(' ')}`
}
