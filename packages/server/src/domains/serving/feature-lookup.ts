import type { FeatureStatus, FeatureValue, OnlineFeatures, OnlineReader } from '../features/index.ts'
import type { Settled } from './batcher.ts'
import type { InputValue } from './request.ts'
import type { RequestNeeds } from './request-needs.ts'

export interface RowFeatures {
  values: Record<string, FeatureValue>
  /** Features whose key was never seen, or whose value is too old or behind the request's time. */
  degraded: string[]
}

/** Features for requests, each row with its own outcome. */
export interface FeatureLookup extends RequestNeeds {
  /** Everything that the service provides to a model, in order. */
  readonly names: readonly string[]
  readonly provides: OnlineReader['features']
  read(rows: Record<string, InputValue>[]): Promise<Settled<RowFeatures>[]>
}

export function createFeatureLookup(reader: OnlineReader): FeatureLookup {
  const names = reader.features.map(({ name }) => name)
  const wanted = Object.keys(reader.request)
  // Newest rows have an age at any time; only windows can be behind the ones that training would use.
  const lagging = reader.views.filter(({ windows, newest }) => windows.length > 0 && newest.length === 0)

  /** Requests bring what every live variant needs; the reader takes what is its own. */
  function ownColumns(row: Record<string, InputValue>): Record<string, InputValue> {
    if (Object.keys(row).length === wanted.length) return row
    const own: Record<string, InputValue> = {}
    for (const name of wanted) if (row[name] !== undefined) own[name] = row[name]
    return own
  }

  function toRow(found: OnlineFeatures, i: number): Settled<RowFeatures> {
    const statuses = found.statuses[i]
    const degraded: string[] = []
    for (const name of names) if (isDegraded(statuses[name])) degraded.push(name)
    for (const { name: view, windows } of lagging) {
      const behind = found.staleness[i][view]
      if (behind === null || behind === undefined || behind <= 0) continue
      for (const name of windows) if (!degraded.includes(name)) degraded.push(name)
    }
    return { ok: true, value: { values: found.values[i], degraded } }
  }

  async function read(rows: Record<string, InputValue>[]): Promise<Settled<RowFeatures>[]> {
    try {
      const found = await reader.read(rows.map(ownColumns))
      return rows.map((_, i) => toRow(found, i))
    } catch (error) {
      if (rows.length === 1) return [{ ok: false, error }]
      // One row may be at fault: alone it fails alone.
      const alone: Settled<RowFeatures>[] = []
      for (const row of rows) alone.push(...(await read([row])))
      return alone
    }
  }

  return { names, provides: reader.features, request: reader.request, service: reader.service, read }
}

function isDegraded(status: FeatureStatus): boolean {
  return status === 'NOT_FOUND' || status === 'OUTSIDE_MAX_AGE'
}
