import type { ColumnType, FeatureServiceDefinition, Schema } from '@millrace/protocol'
import type { OnlineStore, OnlineValue } from '../../ports/online-store.ts'
import type { FeatureValue, OnDemandRunner } from './on-demand.ts'
import { onlineKey, onlineTables } from './online-key.ts'
import { createRowParser, type RequestRow } from './request-row.ts'
import type { ServicePlan } from './service-plan.ts'
import type { ViewPlan } from './view-plan.ts'

/**
 * `NULL`: known to be missing. `NOT_FOUND`: the key has never been seen; counts are 0. `OUTSIDE_MAX_AGE`: what is
 * stored is older than the ttl, so it is not used.
 */
export type FeatureStatus = 'PRESENT' | 'NULL' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

export interface OnlineFeatures {
  /** Per row, in the order of `features`: times in milliseconds. */
  values: Record<string, FeatureValue>[]
  statuses: Record<string, FeatureStatus>[]
  /**
   * Per row and feature view: milliseconds by which the stored values are behind. Aggregates: 0 when they are the
   * ones of the request's hop, exactly as training would compute them. Newest rows: the age of the row. Negative:
   * the store is ahead of the request's time. Null where nothing is stored.
   */
  staleness: Record<string, number | null>[]
}

export interface OnlineReader {
  /** What a model sees, in order. */
  readonly features: readonly { name: string; type: ColumnType }[]
  /** Columns that a row must have. */
  readonly request: Schema
  readonly service: FeatureServiceDefinition
  /** The feature views that are read: which of their features are windows, which are the newest row's. */
  readonly views: readonly { name: string; windows: readonly string[]; newest: readonly string[] }[]
  /** @throws `feature.row_invalid` naming the row and the field; `feature.compute_failed` */
  read(rows: readonly RequestRow[]): Promise<OnlineFeatures>
  /** From now on nobody reads what only this reader needed: materialization need not keep it up to date. */
  close(): void
}

/** Features of one online table. */
interface Part {
  view: string
  table: string
  /** Places of the keys among the request's columns. */
  keys: number[]
  features: { name: string; missing: FeatureValue }[]
  ttlMs: number
  /** Windows end on multiples of it; 0 for newest rows. */
  hopMs: number
}

/** Compiles a feature service into a reader without any lookup of definitions per call. */
export function compileReader(online: OnlineStore, plan: ServicePlan): Omit<OnlineReader, 'close'> {
  const names = Object.keys(plan.request)
  const parse = createRowParser(plan.request, plan.service.timestamp)
  const time = names.indexOf(plan.service.timestamp)
  const parts = plan.views.flatMap((view) => partsOf(view, names))
  const features = plan.features.map(({ name }) => name)

  async function lookUp(part: Part, rows: FeatureValue[][]): Promise<(OnlineValue | undefined)[]> {
    const keys = rows.map((row) => onlineKey(part.keys.map((place) => row[place])))
    if (keys.length === 1) return keys[0] === undefined ? [undefined] : online.read(part.table, [keys[0]])
    const distinct = [...new Set(keys)].filter((key) => key !== undefined)
    const found = await online.read(part.table, distinct)
    const byKey = new Map(distinct.map((key, i) => [key, found[i]]))
    return keys.map((key) => (key === undefined ? undefined : byKey.get(key)))
  }

  return {
    features: plan.features,
    request: plan.request,
    service: plan.service,
    views: plan.views.map(({ name, aggregates, last }) => ({
      name,
      windows: aggregates.map((feature) => feature.name),
      newest: last.map((feature) => feature.name),
    })),
    async read(given) {
      const rows = given.map(parse)
      const known = rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])))
      const statuses = rows.map((): Record<string, FeatureStatus> => ({}))
      const staleness = rows.map((): Record<string, number | null> => ({}))
      for (const part of parts) {
        const found = await lookUp(part, rows)
        for (const [i, row] of rows.entries()) {
          const nullKey = part.keys.some((place) => row[place] === null)
          const behind = takeValues(
            part,
            found[i],
            { t: row[time] as number, nullKey },
            known[i],
            statuses[i],
          )
          staleness[i][part.view] = staler(staleness[i][part.view], behind)
        }
      }
      for (const [i, row] of known.entries()) for (const runner of plan.onDemand) runOnDemand(runner, row, i)
      const values = known.map((row) => Object.fromEntries(features.map((name) => [name, row[name]])))
      for (const [i, row] of values.entries()) {
        for (const name of features) statuses[i][name] ??= row[name] === null ? 'NULL' : 'PRESENT'
      }
      return { values, statuses, staleness }
    },
  }
}

function partsOf(view: ViewPlan, names: readonly string[]): Part[] {
  const tables = onlineTables(view)
  const shared = {
    view: view.name,
    keys: Object.keys(view.keys).map((name) => names.indexOf(name)),
    ttlMs: view.ttlUs === null ? Number.POSITIVE_INFINITY : view.ttlUs / 1000,
  }
  const aggregates = view.aggregates.map(({ name, aggregate }) => ({
    name,
    missing: aggregate === 'count' ? 0 : null,
  }))
  const last = view.last.map(({ name }) => ({ name, missing: null }))
  return [
    { ...shared, table: tables.aggregates, features: aggregates, hopMs: view.hopUs / 1000 },
    { ...shared, table: tables.last, features: last, hopMs: 0 },
  ].filter((part) => part.features.length > 0)
}

/** Puts a part's values and statuses into the row; returns how far they are behind. */
function takeValues(
  { features, ttlMs, hopMs }: Part,
  found: OnlineValue | undefined,
  asked: { t: number; nullKey: boolean },
  row: Record<string, FeatureValue>,
  statuses: Record<string, FeatureStatus>,
): number | null {
  const wanted = hopMs === 0 ? asked.t : Math.floor(asked.t / hopMs) * hopMs
  const behind = found === undefined ? null : wanted - found.eventTime
  const expired = behind !== null && behind > ttlMs
  for (let i = 0; i < features.length; i++) {
    const { name, missing } = features[i]
    const value = found === undefined ? (asked.nullKey ? null : missing) : expired ? null : found.values[i]
    row[name] = value
    if (found === undefined) statuses[name] = 'NOT_FOUND'
    else if (expired) statuses[name] = 'OUTSIDE_MAX_AGE'
    else statuses[name] = value === null ? 'NULL' : 'PRESENT'
  }
  return behind
}

function staler(a: number | null | undefined, b: number | null): number | null {
  if (a === undefined || a === null) return b
  return b === null ? a : Math.max(a, b)
}

function runOnDemand(runner: OnDemandRunner, row: Record<string, FeatureValue>, at: number): void {
  const outputs = runner.compute(
    runner.inputs.map((name) => row[name]),
    at,
  )
  for (const [i, name] of runner.outputs.entries()) row[name] = outputs[i]
}
