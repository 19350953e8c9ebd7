import type { ColumnType, FeatureServiceDefinition, Schema } from '@millrace/protocol'
import type { OnlineStore } from '../../ports/online-store.ts'
import type { FeatureValue } from './on-demand.ts'
import { compileLookup, type FeatureStatus, type LookedUp } from './online-lookup.ts'
import { compileRanges } from './range.ts'
import { createRangeCounts } from './range-counts.ts'
import type { ReadLog } from './read-log.ts'
import { createRowParser, type RequestRow } from './request-row.ts'
import type { ServicePlan } from './service-plan.ts'

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
  /** @throws `feature.row_invalid` naming the row and the field; `feature.compute_failed`, `feature.outside_range` */
  read(rows: readonly RequestRow[]): Promise<OnlineFeatures>
  /** From now on nobody reads what only this reader needed: materialization need not keep it up to date. */
  close(): void
}

/**
 * Compiles a feature service into a reader without any lookup of definitions per call.
 * @param reads Logs what is read; predictions have a log of their own.
 */
export function compileReader(
  online: OnlineStore,
  plan: ServicePlan,
  reads?: Pick<ReadLog, 'watch'>,
  counts = createRangeCounts(),
): Omit<OnlineReader, 'close'> {
  const { timestamp, ranges } = plan.service
  const bounds = { view: null, features: Object.keys(plan.request), ranges }
  const parse = createRowParser(plan.request, timestamp, compileRanges(bounds, counts))
  const time = Object.keys(plan.request).indexOf(timestamp)
  const compiled = compileLookup(online, plan, counts)
  const lookup = reads ? reads.watch(compiled, { service: plan }) : compiled
  const features = plan.features.map(({ name }) => ({
    name,
    slot: lookup.slots.findLastIndex((slot) => slot.name === name),
  }))

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
      const found = await lookup.lookUp(
        rows,
        rows.map((row) => row[time] as number),
      )
      return {
        values: rows.map((_, at) => named(features, found.values, at)),
        statuses: rows.map((_, at) => named(features, found.statuses, at)),
        staleness: rows.map((_, at) => stalenessOf(lookup.parts, found, at)),
      }
    },
  }
}

function named<Value>(
  features: readonly { name: string; slot: number }[],
  columns: readonly (readonly Value[])[],
  at: number,
): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const { name, slot } of features) values[name] = columns[slot][at]
  return values
}

/** A view is as stale as its stalest part. */
function stalenessOf(parts: readonly { view: string }[], { behind }: LookedUp, at: number) {
  const staleness: Record<string, number | null> = {}
  for (const [i, { view }] of parts.entries()) {
    const known = staleness[view] ?? null
    const own = behind[i][at]
    staleness[view] = known === null ? own : own === null ? known : Math.max(known, own)
  }
  return staleness
}
