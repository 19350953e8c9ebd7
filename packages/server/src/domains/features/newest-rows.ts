import { quoteName } from '../../kernel/sql.ts'
import { keyList, keysEqual, type ViewPlan } from './view-plan.ts'
import type { PointInTimeView } from './windows.ts'

/**
 * SQL of the moments `known$` at which a view's keys get a newest row: an as-of lookup at t finds that of the row of
 * time t. A moment may be there several times.
 */
export function moments({ plan, relation }: PointInTimeView): string {
  const known = `SELECT ${keyList(plan, 'known')}, ${knownTime(plan, 'known')} AS known$
    FROM ${relation} AS known WHERE ${isKnown(plan)}`
  if (!plan.created?.filter) return known
  // A row that became known after one of a later event time never is the newest.
  const at = `known.${quoteName(plan.timestamp)}`
  return `${known} QUALIFY ${at} >= max(${at}) OVER
    (PARTITION BY ${keyList(plan, 'known')} ORDER BY known$ RANGE UNBOUNDED PRECEDING)`
}

/**
 * SQL of the rows of a view at the moments that were found: one for each, `newest$`. Ties are rare and choosing among
 * rows is what costs, so only the rows of a key and moment that occurs more than once are compared.
 * @param found a table with the keys and the moments, in its column `moment`
 */
export function newestRows({ plan, relation }: PointInTimeView, found: string, moment: string): string {
  const keys = keyList(plan)
  const isTied = `${keysEqual(plan, 'near', 'tied')} AND near.known$ = tied.known$`
  const isAsked = `${keysEqual(plan, 'known', 'asked')} AND ${knownTime(plan, 'known')} = asked.known$`
  return `WITH asked AS NOT MATERIALIZED (SELECT DISTINCT ${keys}, ${moment} AS known$ FROM ${found} WHERE ${moment} IS NOT NULL),
    near AS MATERIALIZED (SELECT ${keyList(plan, 'known')}, ${knownTime(plan, 'known')} AS known$, ${rankedRow(plan)} AS newest$
      FROM (SELECT * FROM ${relation} WHERE ${isKnown(plan)}) AS known SEMI JOIN asked ON ${isAsked}),
    tied AS MATERIALIZED (SELECT ${keys}, known$ FROM near GROUP BY ${keys}, known$ HAVING count(*) > 1)
    SELECT * FROM near ANTI JOIN tied ON ${isTied}
    UNION ALL SELECT ${keys}, known$, max(newest$) AS newest$ FROM near SEMI JOIN tied ON ${isTied} GROUP BY ${keys}, known$`
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

/** The time of creation in a row out of `rankedRow` of a view that has one: milliseconds, null if it is missing. */
export function lastCreated(row: string): string {
  return `CASE WHEN ${row}.created > ${-(2n ** 63n) + 1n} THEN CAST(${row}.created AS DOUBLE) / 1000 END`
}

/** A feature of the row that was found for the spine's time, unless that row is older than the ttl. */
export function freshValue(plan: ViewPlan, i: number, place: number, time: string): string {
  const value = lastValue(plan, `rows${i}.newest$`, place)
  if (plan.ttlUs === null) return value
  const at = plan.created ? `rows${i}.newest$.at` : `epoch_us(rows${i}.known$)`
  return `CASE WHEN ${at} >= epoch_us(${time}) - ${plan.ttlUs} THEN ${value} END`
}
