import { quoteName } from '../../kernel/sql.ts'
import { keyList, keysEqual, type ViewPlan } from './view-plan.ts'
import type { PointInTimeView } from './windows.ts'

/**
 * The tables of one view's newest rows for the point-in-time join; the last, `rows<i>`, has one row per key and
 * moment `known$` from which on it is the key's newest, so an as-of lookup at t finds the row of time t.
 *
 * Ties are rare and choosing among rows is what costs, so only the rows of a key and moment that occurs more than
 * once are compared; counting those reads no feature.
 */
export function newestRowsTables({ plan, relation }: PointInTimeView, i: number): string[] {
  const moment = `SELECT ${keyList(plan, 'known')}, ${knownTime(plan, 'known')} AS known$`
  const known = `FROM (SELECT * FROM ${relation} WHERE ${isKnown(plan)}) AS known`
  const isTied = `${keysEqual(plan, 'known', `tied${i}`)} AND ${knownTime(plan, 'known')} = tied${i}.known$`
  const rows = `${moment}, ${rankedRow(plan)} AS newest$ ${known} ANTI JOIN tied${i} ON ${isTied}
      UNION ALL ${moment}, max(${rankedRow(plan)}) AS newest$ ${known} SEMI JOIN tied${i} ON ${isTied}
      GROUP BY ${keyList(plan, 'known')}, known$`
  return [
    `tied${i} AS MATERIALIZED (${moment} ${known} GROUP BY ${keyList(plan, 'known')}, known$ HAVING count(*) > 1)`,
    `rows${i} AS (${plan.created?.filter ? withoutOutdated(plan, rows) : rows})`,
  ]
}

/** A row that became known after one of a later event time never is the newest. */
function withoutOutdated(plan: ViewPlan, rows: string): string {
  return `SELECT * FROM (${rows}) QUALIFY newest$.at >= max(newest$.at) OVER
      (PARTITION BY ${keyList(plan)} ORDER BY known$ ROWS UNBOUNDED PRECEDING)`
}

/** When a row may be used first: at its event time and not before it was created. */
export function knownTime(plan: ViewPlan, table: string): string {
  const time = `${table}.${quoteName(plan.timestamp)}`
  return plan.created?.filter ? `greatest(${time}, ${table}.${quoteName(plan.created.column)})` : time
}

/** Rows without a time are never used: nobody can say when they were known. */
export function isKnown(plan: ViewPlan): string {
  const times = [plan.timestamp, ...(plan.created?.filter ? [plan.created.column] : [])]
  return times.map((column) => `${quoteName(column)} IS NOT NULL`).join(' AND ')
}

/**
 * What rows of one moment are compared by, as one value: event time and time of creation (a missing one is the
 * earliest), then the columns that `last` features use. Rows are compared and taken whole.
 */
export function rankedRow(plan: ViewPlan): string {
  const row = `struct_pack(${plan.last.map(({ column }, place) => `v${place} := ${quoteName(column)}`).join(', ')})`
  if (!plan.created) return row
  const created = `coalesce(epoch_us(${quoteName(plan.created.column)}), ${-(2n ** 63n) + 1n})`
  return `struct_pack("at" := epoch_us(${quoteName(plan.timestamp)}), created := ${created}, r := ${row})`
}

/** The value of the feature at `place` in a row out of `rankedRow`. */
export function lastValue(plan: ViewPlan, row: string, place: number): string {
  return plan.created ? `${row}.r.v${place}` : `${row}.v${place}`
}

/** A feature of the row that was found for the spine's time, unless that row is older than the ttl. */
export function freshValue(plan: ViewPlan, i: number, place: number, time: string): string {
  const value = lastValue(plan, `rows${i}.newest$`, place)
  if (plan.ttlUs === null) return value
  const at = plan.created ? `rows${i}.newest$.at` : `epoch_us(rows${i}.known$)`
  return `CASE WHEN ${at} >= epoch_us(${time}) - ${plan.ttlUs} THEN ${value} END`
}
