import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { keyList, keysEqual, type ViewPlan } from './view-plan.ts'
import type { PointInTimeView } from './windows.ts'

/** Whole microseconds since the epoch; undefined where there is no limit. */
export interface TimeRange {
  from?: bigint
  until?: bigint
}

/** Rows that say how often a view has keys of a spine. */
const sampleRows = 10_000
/** Finding rows by their keys costs about a fourth of what sorting them does. */
const worthShare = 0.6
/** Of the times that the lake can hold. */
const earliestUs = -9_000_000_000_000_000_000n

/** The first and the last time of a relation; no limits if some time is infinite. */
export async function timeRange(
  lake: Pick<Lake, 'rows'>,
  relation: string,
  timestamp: string,
  options: LakeOptions = {},
): Promise<TimeRange> {
  const time = quoteName(timestamp)
  // As text: not every time has a number of microseconds that a double can hold.
  const [{ from, until }] = await lake.rows<{ from: string | null; until: string | null }>(
    `SELECT CASE WHEN isfinite(min(${time})) THEN CAST(epoch_us(min(${time})) AS VARCHAR) END AS from,
      CASE WHEN isfinite(max(${time})) THEN CAST(epoch_us(max(${time})) AS VARCHAR) END AS until FROM ${relation}`,
    options,
  )
  return { ...(from !== null && { from: BigInt(from) }), ...(until !== null && { until: BigInt(until) }) }
}

/** The rows of a view that can be the newest one at a time in the range. */
export function pruneNewest(
  { plan, relation }: PointInTimeView,
  { from, until }: TimeRange,
): PointInTimeView {
  const times = [plan.timestamp, ...(plan.created?.filter ? [plan.created.column] : [])]
  const since = from === undefined || plan.ttlUs === null ? undefined : from - BigInt(plan.ttlUs)
  return { plan, relation: limited(relation, [...atMost(times, until), ...atLeast(plan.timestamp, since)]) }
}

/** The events of a view that can be in a window at a time in the range, or say that it is expired. */
export function pruneEvents(
  { plan, relation }: PointInTimeView,
  { from, until }: TimeRange,
): PointInTimeView {
  const longest = Math.max(0, ...plan.aggregates.map(({ hops }) => hops))
  // With a ttl an older event is the difference between nothing and no longer.
  const since =
    from === undefined || plan.ttlUs !== null ? undefined : from - BigInt(longest + 1) * BigInt(plan.hopUs)
  return {
    plan,
    relation: limited(relation, [...atMost([plan.timestamp], until), ...atLeast(plan.timestamp, since)]),
  }
}

function atMost(columns: readonly string[], until: bigint | undefined): string[] {
  return until === undefined
    ? []
    : columns.map((column) => `${quoteName(column)} <= make_timestamp(${until})`)
}

function atLeast(column: string, from: bigint | undefined): string[] {
  return from === undefined || from < earliestUs ? [] : [`${quoteName(column)} >= make_timestamp(${from})`]
}

function limited(relation: string, conditions: readonly string[]): string {
  return conditions.length === 0 ? relation : `(SELECT * FROM ${relation} WHERE ${conditions.join(' AND ')})`
}

/** A view without the rows of other keys than those of `spine`, if the first of them say that there are many. */
export async function pruneKeys(
  lake: Pick<Lake, 'rows'>,
  view: PointInTimeView,
  spine: string,
  options: LakeOptions = {},
): Promise<PointInTimeView> {
  const { plan, relation } = view
  const [{ met, all }] = await lake.rows<{ met: number; all: number }>(
    `SELECT count(met$) AS met, count(*) AS "all" FROM (SELECT ${keyList(plan)} FROM ${relation} LIMIT ${sampleRows}) AS some$
     LEFT JOIN (SELECT DISTINCT ${keyList(plan)}, true AS met$ FROM ${spine}) AS asked$ ON ${keysEqual(plan, 'some$', 'asked$')}`,
    options,
  )
  return met > all * worthShare ? view : { plan, relation: ofKeys(view, spine) }
}

/** The rows of a view that have a key of `spine`, as a relation. */
export function ofKeys({ plan, relation }: { plan: ViewPlan; relation: string }, spine: string): string {
  return `(SELECT * FROM ${relation} AS rows$ SEMI JOIN ${spine} AS asked$ ON ${keysEqual(plan, 'rows$', 'asked$')})`
}
