import type { Schema } from '@millrace/protocol'
import type { OnlineStore, OnlineValue } from '../../ports/online-store.ts'
import type { FeatureValue, OnDemandRunner } from './on-demand.ts'
import { onlineKey, onlineTables } from './online-key.ts'
import { compileRanges, enforceRange, type RangeCheck } from './range.ts'
import type { RangeCounts } from './range-counts.ts'
import type { ViewPlan } from './view-plan.ts'

/**
 * `NULL_VALUE`: known to be missing. `NOT_FOUND`: the key has never been seen; counts are 0. `OUTSIDE_MAX_AGE`: what is
 * stored is older than the ttl, so it is not used.
 */
export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

export interface LookupPlan {
  /** Columns of the rows that are asked for, among them the keys of the views. */
  request: Schema
  views: readonly ViewPlan[]
  /** Each may use the request, the views and those before it. */
  onDemand: readonly OnDemandRunner[]
}

/** Where a value is: the same place in every row. */
export interface Slot {
  /** Feature view or on-demand view; null = the request. */
  view: string | null
  name: string
  /** The part that it is stored in; null for what is not stored. */
  part: number | null
}

/** What is known about the rows: by slot, then by row. Columns may be shared. */
export interface LookedUp {
  values: FeatureValue[][]
  statuses: FeatureStatus[][]
  /** Event time of the stored value, milliseconds; null where nothing is stored. */
  eventTimes: (number | null)[][]
  /** By part, then by row: milliseconds by which what is stored is behind the time asked for. */
  behind: (number | null)[][]
}

export interface OnlineLookup {
  readonly slots: readonly Slot[]
  /** A view has a part for its windows and one for its newest rows. */
  readonly parts: readonly { view: string; isWindows: boolean }[]
  /**
   * @param rows in the order of the request's columns
   * @param times per row: the time as of which values are wanted, milliseconds
   * @param options `keepExpired`: give values outside of their max age, too
   * @throws `feature.compute_failed`, `feature.outside_range`
   */
  lookUp(
    rows: readonly FeatureValue[][],
    times: readonly number[],
    options?: { keepExpired?: boolean },
  ): Promise<LookedUp>
}

/** Features of one online table. */
interface Part {
  view: string
  table: string
  /** Per feature: what an unknown key has. */
  missing: FeatureValue[]
  /** Per feature: of its range; undefined if none has one. */
  checks: (RangeCheck | undefined)[] | undefined
  ttlMs: number
  /** Windows end on multiples of it; 0 for newest rows. */
  hopMs: number
}

/** A view's keys, as places among the request's columns, and its tables. */
interface Group {
  keys: number[]
  parts: Part[]
}

/** Compiles what is to be looked up, so that no definition is looked at per call. */
export function compileLookup(online: OnlineStore, plan: LookupPlan, counts: RangeCounts): OnlineLookup {
  const names = Object.keys(plan.request)
  const slots: Slot[] = names.map((name) => ({ view: null, name, part: null }))
  let stored = 0
  const groups = plan.views.map((view): Group => {
    const parts = partsOf(view).map(({ features, ...part }): Part => {
      const place = stored++
      slots.push(...features.map(({ name }) => ({ view: view.name, name, part: place })))
      const names = features.map(({ name }) => name)
      const checks = compileRanges({ view: view.name, features: names, ranges: view.ranges }, counts)
      return { ...part, missing: features.map(({ missing }) => missing), checks }
    })
    return { keys: Object.keys(view.keys).map((name) => names.indexOf(name)), parts }
  })
  const runners = plan.onDemand.map((runner) => {
    const inputs = runner.inputs.map((name) => slots.findLastIndex((slot) => slot.name === name))
    slots.push(...runner.outputs.map((name) => ({ view: runner.view, name, part: null })))
    const checks = compileRanges({ ...runner, features: runner.outputs }, counts)
    return { inputs, runner, checks }
  })
  return {
    slots,
    parts: groups.flatMap((group) => group.parts.map(({ view, hopMs }) => ({ view, isWindows: hopMs > 0 }))),
    async lookUp(rows, times, { keepExpired = false } = {}) {
      const wanted = groups.map((group) => wantedKeys(group, rows))
      const found = await online.read(
        groups.flatMap((group, i) => group.parts.map(({ table }) => ({ table, keys: wanted[i].keys }))),
      )
      const nothing: null[] = rows.map(() => null)
      const answer: LookedUp = { values: [], statuses: [], eventTimes: [], behind: [] }
      for (let place = 0; place < names.length; place++) {
        addComputed(
          answer,
          rows.map((row) => row[place]),
          nothing,
        )
      }
      let table = 0
      for (const [i, group] of groups.entries()) {
        for (const part of group.parts) {
          addStored(answer, part, { found: found[table], keyOf: wanted[i].keyOf, times, keepExpired })
          table++
        }
      }
      for (const { inputs, runner, checks } of runners) {
        const computed = rows.map((_, at) =>
          runner.compute(
            inputs.map((slot) => answer.values[slot][at]),
            at,
          ),
        )
        for (let i = 0; i < runner.outputs.length; i++) {
          const column = computed.map((outputs) => outputs[i])
          const check = checks?.[i]
          if (check) enforceRange(column, check)
          addComputed(answer, column, nothing)
        }
      }
      return answer
    },
  }
}

function partsOf(view: ViewPlan) {
  const tables = onlineTables(view)
  const shared = {
    view: view.name,
    ttlMs: view.ttlUs === null ? Number.POSITIVE_INFINITY : view.ttlUs / 1000,
  }
  const aggregates = view.aggregates.map(({ name, empty }) => ({ name, missing: empty }))
  const last = view.last.map(({ name }) => ({ name, missing: null }))
  return [
    { ...shared, table: tables.aggregates, features: aggregates, hopMs: view.hopUs / 1000 },
    { ...shared, table: tables.last, features: last, hopMs: 0 },
  ].filter((part) => part.features.length > 0)
}

/** Each key once, and for each row its place among them; -1 for a null key, which finds nothing. */
function wantedKeys(group: Group, rows: readonly FeatureValue[][]): { keys: string[]; keyOf: number[] } {
  const keys: string[] = []
  const places = new Map<string, number>()
  const keyOf = rows.map((row) => {
    const key = onlineKey(group.keys.map((place) => row[place]))
    if (key === undefined) return -1
    let place = places.get(key)
    if (place === undefined) {
      place = keys.push(key) - 1
      places.set(key, place)
    }
    return place
  })
  return { keys, keyOf }
}

/** A column of what is not stored: of the request, or computed on demand. */
function addComputed(answer: LookedUp, values: FeatureValue[], nothing: null[]): void {
  answer.values.push(values)
  answer.statuses.push(values.map(statusOf))
  answer.eventTimes.push(nothing)
}

interface Found {
  found: (OnlineValue | undefined)[]
  /** Per row: its place in `found`; -1 for a null key. */
  keyOf: number[]
  times: readonly number[]
  keepExpired: boolean
}

/** The columns of a part. A row at a time, for its values lie together. */
function addStored(answer: LookedUp, part: Part, { found, keyOf, times, keepExpired }: Found): void {
  const { missing, checks, ttlMs, hopMs } = part
  const count = keyOf.length
  const values = missing.map(() => new Array<FeatureValue>(count))
  const eventTimes = new Array<number | null>(count)
  const behind = new Array<number | null>(count)
  const shared = new Array<FeatureStatus>(count)
  const nulls = new Set<number>()
  for (let row = 0; row < count; row++) {
    const isNullKey = keyOf[row] < 0
    const stored = isNullKey ? undefined : found[keyOf[row]]
    if (stored === undefined) {
      eventTimes[row] = null
      behind[row] = null
      shared[row] = 'NOT_FOUND'
      for (let i = 0; i < missing.length; i++) values[i][row] = isNullKey ? null : missing[i]
      continue
    }
    const wanted = hopMs === 0 ? times[row] : Math.floor(times[row] / hopMs) * hopMs
    const age = wanted - stored.eventTime
    eventTimes[row] = stored.eventTime
    behind[row] = age
    shared[row] = age > ttlMs ? 'OUTSIDE_MAX_AGE' : 'PRESENT'
    const isGiven = age <= ttlMs || keepExpired
    for (let i = 0; i < missing.length; i++) {
      const value = isGiven ? stored.values[i] : null
      values[i][row] = value
      if (value === null) nulls.add(i)
    }
  }
  for (let i = 0; i < missing.length; i++) {
    const column = values[i]
    const check = checks?.[i]
    if (check && enforceRange(column, check)) nulls.add(i)
    answer.values.push(column)
    answer.eventTimes.push(eventTimes)
    // What no value is null of has the statuses of the rows, in one column for all.
    answer.statuses.push(nulls.has(i) ? shared.map((status, row) => withNull(status, column[row])) : shared)
  }
  answer.behind.push(behind)
}

function withNull(status: FeatureStatus, value: FeatureValue): FeatureStatus {
  return status === 'PRESENT' && value === null ? 'NULL_VALUE' : status
}

function statusOf(value: FeatureValue): FeatureStatus {
  return value === null ? 'NULL_VALUE' : 'PRESENT'
}
