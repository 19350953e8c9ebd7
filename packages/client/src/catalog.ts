import type { FeatureDefinition, ValueRange } from '@millrace/protocol'
import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

/** A feature as it is found. What it does not say of itself, its view says for it. */
export interface FeatureEntry {
  view: string
  feature: string
  kind: 'feature-view' | 'on-demand-view'
  type: 'string' | 'int64' | 'float64' | 'boolean' | 'timestamp'
  /** Null for features that are computed on demand. */
  entity: string | null
  /** `last` for newest values; null for features that are computed on demand. */
  aggregate: string | null
  /** Length of the window, milliseconds. */
  windowMs: number | null
  description: string | null
  owner: string | null
  tags: Record<string, string>
}

export interface FeatureFilter {
  /** Words that all are to be found: in names, descriptions, owners, tags. */
  search?: string
  owner?: string
  /** Each `name=value`, or a name; features have all of them. */
  tags?: readonly string[]
  entity?: string
  view?: string
}

/** Everything about one feature, and who relies on it. */
export interface FeatureDetail extends FeatureEntry {
  /** Content hash of the view's definition. */
  version: string
  viewDescription: string | null
  /** How it is made; null where a function computes it. */
  definition: FeatureDefinition | null
  range: ValueRange | null
  datasets: string[]
  /** Age after which a value is not used; null = never. */
  ttlMs: number | null
  /** Windows end on multiples of it. */
  hopMs: number | null
  /** Feature services that have it. */
  services: string[]
  /** Model versions that were trained with the view as it is now; newest first, 100 at most. */
  models: { model: string; version: number }[]
  /** Endpoint revisions that answer with it now; `isCurrent`: with the view as it is now. */
  endpoints: { endpoint: string; revision: number; model: string; version: number; isCurrent: boolean }[]
  /** How far the online values are, in event time; milliseconds. */
  materialized: { until: number; updatedAt: number; behindMs: number } | null
}

/** What data becomes on its way to predictions. */
export type LineageKind =
  | 'source'
  | 'dataset'
  | 'dataset-version'
  | 'feature-view'
  | 'on-demand-view'
  | 'feature-service'
  | 'training-set'
  | 'run'
  | 'model-version'
  | 'model'
  | 'endpoint-revision'
  | 'endpoint'

export interface LineageNode {
  /** `kind:name`, with `@version` where there are versions. */
  id: string
  kind: LineageKind
  name: string
  version?: string
}

export interface LineageGraph {
  /** The node that was asked for. */
  of: string
  /** In the order of their distance from it. */
  nodes: LineageNode[]
  /** `to` was made from `from`. */
  edges: { from: string; to: string }[]
  /** There is more. */
  truncated: boolean
}

export interface LineageOptions {
  /** What it comes from, what it goes into, or both (the default). */
  direction?: 'up' | 'down' | 'both'
  /** Steps from it. Default: 20. */
  depth?: number
  /** Nodes in each direction. Default: 500, at most 2,000. */
  nodes?: number
}

export function catalogCalls({ send }: Transport) {
  return {
    features: {
      /** Features of all views: those that are named so first, then by name. */
      search: ({ tags = [], ...filter }: FeatureFilter & PageInput = {}) => {
        const query = new URLSearchParams(tags.map((tag): [string, string] => ['tag', tag]))
        for (const [name, value] of Object.entries(filter))
          if (value !== undefined) query.set(name, String(value))
        return send<Page<FeatureEntry>>({ method: 'GET', path: `/v1/features?${query}` })
      },
      get: (view: string, feature: string) =>
        send<FeatureDetail>({ method: 'GET', path: path`/v1/features/${view}/${feature}` }),
    },
    /**
     * What a thing comes from and goes into. `of`: `kind:name`, `kind:name@version`, or a name alone.
     * @throws `lineage.not_found`; `request.invalid` for a name of several things
     */
    lineage: (of: string, options: LineageOptions = {}) =>
      send<LineageGraph>({ method: 'GET', path: '/v1/lineage', query: { of, ...options } }),
  }
}
