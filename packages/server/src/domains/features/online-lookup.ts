import type { Schema } from '@millrace/protocol'
import type { OnlineStore, OnlineValue } from '../../ports/online-store.ts'
import type { FeatureValue, OnDemandRunner } from './on-demand.ts'
import { onlineKey, onlineTables } from './online-key.ts'
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
}

/** What is known about one row; `values` and `statuses` by slot. */
export interface LookedUpRow {
  values: FeatureValue[]
  statuses: FeatureStatus[]
  /** Per slot: event time of the stored value, milliseconds; null where nothing is stored. */
  eventTimes: (number | null)[]
  /** Per part: milliseconds by which what is stored is behind the time asked for. */
  behind: (number | null)[]
}

export interface OnlineLookup {
  readonly slots: readonly Slot[]
  /** The view of each part: a view has one for its windows and one for its newest rows. */
  readonly parts: readonly { view: string }[]
  /**
   * @param rows in the order of the request's columns
   * @param times per row: the time as of which values are wanted, milliseconds
   * @param options `keepExpired`: give values outside of their max age, too
   * @throws `feature.compute_failed`
   */
  lookUp(
    rows: readonly FeatureValue[][],
    times: readonly number[],
    options?: { keepExpired?: boolean },
  ): Promise<LookedUpRow[]>
}

/** Features of one online table. */
interface Part {
  view: string
  table: string
  /** Slot of the first feature; the others follow. */
  first: number
  /** Per feature: what an unknown key has. */
  missing: FeatureValue[]
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
export function compileLookup(online: OnlineStore, plan: LookupPlan): OnlineLookup {
  const names = Object.keys(plan.request)
  const slots: Slot[] = names.map((name) => ({ view: null, name }))
  const groups = plan.views.map((view): Group => {
    const parts = partsOf(view).map(({ features, ...part }): Part => {
      const first = slots.length
      slots.push(...features.map(({ name }) => ({ view: view.name, name })))
      return { ...part, first, missing: features.map(({ missing }) => missing) }
    })
    return { keys: Object.keys(view.keys).map((name) => names.indexOf(name)), parts }
  })
  const runners = plan.onDemand.map((runner) => {
    const inputs = runner.inputs.map((name) => slots.findLastIndex((slot) => slot.name === name))
    const first = slots.length
    slots.push(...runner.outputs.map((name) => ({ view: runner.view, name })))
    return { inputs, first, runner }
  })
  const parts = groups.flatMap((group) => group.parts)
  const firstComputed = slots.length - runners.reduce((sum, { runner }) => sum + runner.outputs.length, 0)

  return {
    slots,
    parts,
    async lookUp(rows, times, { keepExpired = false } = {}) {
      const wanted = groups.map((group) => wantedKeys(group, rows))
      const found = await online.read(
        groups.flatMap((group, i) => group.parts.map(({ table }) => ({ table, keys: wanted[i].keys }))),
      )
      return rows.map((given, at) => {
        const row: LookedUpRow = {
          values: [...given],
          statuses: given.map(statusOf),
          eventTimes: given.map(() => null),
          behind: [],
        }
        let table = 0
        for (const [i, group] of groups.entries()) {
          const key = wanted[i].keyOf[at]
          for (const part of group.parts) {
            const value = key < 0 ? undefined : found[table][key]
            table++
            takeValues(row, part, value, { time: times[at], isNullKey: key < 0, keepExpired })
          }
        }
        for (const { inputs, runner } of runners) {
          row.values.push(
            ...runner.compute(
              inputs.map((slot) => row.values[slot]),
              at,
            ),
          )
        }
        for (let slot = firstComputed; slot < row.values.length; slot++) {
          row.statuses.push(statusOf(row.values[slot]))
          row.eventTimes.push(null)
        }
        return row
      })
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

function takeValues(
  row: LookedUpRow,
  { missing, ttlMs, hopMs }: Part,
  found: OnlineValue | undefined,
  asked: { time: number; isNullKey: boolean; keepExpired: boolean },
): void {
  const { values, statuses, eventTimes } = row
  if (found === undefined) {
    for (const value of missing) {
      values.push(asked.isNullKey ? null : value)
      statuses.push('NOT_FOUND')
      eventTimes.push(null)
    }
    row.behind.push(null)
    return
  }
  const wanted = hopMs === 0 ? asked.time : Math.floor(asked.time / hopMs) * hopMs
  const behind = wanted - found.eventTime
  const isExpired = behind > ttlMs
  for (let i = 0; i < missing.length; i++) {
    const value = found.values[i]
    values.push(isExpired && !asked.keepExpired ? null : value)
    statuses.push(isExpired ? 'OUTSIDE_MAX_AGE' : statusOf(value))
    eventTimes.push(found.eventTime)
  }
  row.behind.push(behind)
}

function statusOf(value: FeatureValue): FeatureStatus {
  return value === null ? 'NULL_VALUE' : 'PRESENT'
}
