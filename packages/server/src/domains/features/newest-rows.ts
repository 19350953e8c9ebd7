import { quoteName } from '../../kernel/sql.ts'
import { keyList, keysEqual, type ViewPlan } from './view-plan.ts'
import type { PointInTimeView } from './windows.ts'

/**
 * The moments at which a view's key gets a newest row, `moments<i>`: an as-of lookup at t finds the moment `known$` of
 * the row of time t. A moment may be there several times.
 */
export function momentTables({ plan, relation }: PointInTimeView, i: number): string[] {
  const moments = `SELECT ${keyList(plan, 'known')}, ${knownTime(plan, 'known')} AS known$`
  const known = `FROM ${relation} AS known WHERE ${isKnown(plan)}`
  if (!plan.created?.filter) return [`moments${i} AS NOT MATERIALIZED (${moments} ${known})`]
  // A row that became known after one of a later event time never is the newest.
  const at = `known.${quoteName(plan.timestamp)}`
  return [
    `moments${i} AS NOT MATERIALIZED (${moments} ${known} QUALIFY ${at} >= max(${at}) OVER
      (PARTITION BY ${keyList(plan, 'known')} ORDER BY known$ RANGE UNBOUNDED PRECEDING))`,
  ]
}

/**
 * The rows of a view at the moments that the relation `spine` has found (`known$<i>`): the last table, `rows<i>`, has
 * one for each. Ties are rare and choosing among rows is what costs, so only the rows of a key and moment that occurs
 * more than once are compared.
 */
export function newestRowsTables({ plan, relation }: PointInTimeView, i: number): string[] {
  const keys = keyList(plan)
  const isTied = `${keysEqual(plan, 'near', `tied${i}`)} AND near.known$ = tied${i}.known$`
  const isAsked = `${keysEqual(plan, 'known', `asked${i}`)} AND ${knownTime(plan, 'known')} = asked${i}.known$`
  return [
    `asked${i} AS NOT MATERIALIZED (SELECT DISTINCT ${keys}, known$${i} AS known$ FROM spine WHERE known$${i} IS NOT NULL)`,
    `near${i} AS MATERIALIZED (SELECT ${keyList(plan, 'known')}, ${knownTime(plan, 'known')} AS known$, ${rankedRow(plan)} AS newest$
      FROM (SELECT * FROM ${relation} WHERE ${isKnown(plan)}) AS known SEMI JOIN asked${i} ON ${isAsked})`,
    `tied${i} AS MATERIALIZED (SELECT ${keys}, known$ FROM near${i} GROUP BY ${keys}, known$ HAVING count(*) > 1)`,
    `rows${i} AS NOT MATERIALIZED (SELECT * FROM near${i} AS near ANTI JOIN tied${i} ON ${isTied}
      UNION ALL SELECT ${keys}, known$, max(newest$) AS newest$ FROM near${i} AS near SEMI JOIN tied${i} ON ${isTied} GROUP BY ${keys}, known$)`,
  ]
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
