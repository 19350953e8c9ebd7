import type { FeatureViewDefinition } from '@millrace/protocol'
import type { FeatureStatus, FeatureValue, OnlineFeatures, OnlineReader } from '../features/index.ts'
import type { Settled } from './batcher.ts'
import type { InputValue } from './request.ts'

export interface RowFeatures {
  values: Record<string, FeatureValue>
  /** Features whose key was never seen, or whose value is too old or behind the request's time. */
  degraded: string[]
}

/** Features for requests, each row with its own outcome. */
export interface FeatureLookup {
  /** Everything that the service provides to a model, in order. */
  readonly names: readonly string[]
  read(rows: Record<string, InputValue>[]): Promise<Settled<RowFeatures>[]>
}

export function createFeatureLookup(
  reader: OnlineReader,
  views: readonly FeatureViewDefinition[],
): FeatureLookup {
  const names = reader.features.map(({ name }) => name)
  // Newest rows have an age at any time; only windows can be behind the ones that training would use.
  const windows = views.map((view) => ({
    view: view.name,
    features: Object.entries(view.features).flatMap(([name, feature]) => ('last' in feature ? [] : [name])),
    mixed: Object.values(view.features).some((feature) => 'last' in feature),
  }))
  const lagging = windows.filter(({ mixed, features }) => !mixed && features.length > 0)

  function toRow(found: OnlineFeatures, i: number): Settled<RowFeatures> {
    const statuses = found.statuses[i]
    const degraded: string[] = []
    for (const name of names) if (isDegraded(statuses[name])) degraded.push(name)
    for (const { view, features } of lagging) {
      const behind = found.staleness[i][view]
      if (behind === null || behind === undefined || behind <= 0) continue
      for (const name of features) if (!degraded.includes(name)) degraded.push(name)
    }
    return { ok: true, value: { values: found.values[i], degraded } }
  }

  async function read(rows: Record<string, InputValue>[]): Promise<Settled<RowFeatures>[]> {
    try {
      const found = await reader.read(rows)
      return rows.map((_, i) => toRow(found, i))
    } catch (error) {
      if (rows.length === 1) return [{ ok: false, error }]
      // One row may be at fault: alone it fails alone.
      const alone: Settled<RowFeatures>[] = []
      for (const row of rows) alone.push(...(await read([row])))
      return alone
    }
  }

  return { names, read }
}

/** No status: the definitions have changed, and the service does not provide the feature any more. */
function isDegraded(status: FeatureStatus | undefined): boolean {
  return status === undefined || status === 'NOT_FOUND' || status === 'OUTSIDE_MAX_AGE'
}
