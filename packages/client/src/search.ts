import type { ModelVersion, RegisteredModel } from './registry.ts'
import type { Experiment, Metric, TrainingRunDetail } from './tracking-types.ts'
import { path, type Transport } from './transport.ts'

/** What every search can be given. */
export interface SearchInput {
  /**
   * Conditions on `metrics.<key>`, `params.<key>`, `tags.<key>` and attributes, with AND, OR, NOT, parentheses, IN,
   * LIKE, ILIKE, BETWEEN and IS NULL: `metrics.loss < 0.5 AND (tags.team = 'a' OR NOT params.lr IN ('0.1'))`.
   */
  filter?: string
  /** Such as `metrics.loss DESC`; what is missing comes last. */
  orderBy?: readonly string[]
  /** Most things of the answer; 100 by default. */
  limit?: number
  /** `nextPageToken` of the previous answer to the same search. */
  pageToken?: string
  /** Also counts everything that fits. */
  count?: boolean
}

export interface SearchPage<Item> {
  items: Item[]
  nextPageToken?: string
  /** How many things fit in all, if asked for. */
  total?: number
}

export type View = 'active' | 'deleted' | 'all'

export interface SearchRunsInput extends SearchInput {
  /** Ids; all without it. */
  experiments?: readonly string[]
  view?: View
  /** The keys to answer; all of a kind without its list. */
  keys?: { metrics?: readonly string[]; params?: readonly string[]; tags?: readonly string[] }
}

export interface SearchLoggedModelsInput extends SearchInput {
  experiments?: readonly string[]
  view?: View
  /** Conditions on metrics look at values on these datasets only. */
  datasets?: readonly { name: string; digest?: string }[]
}

/** A model that a run has logged. */
export interface FoundLoggedModel {
  id: string
  experimentId: string
  name: string
  modelType: string | null
  sourceRun: string | null
  artifactUri: string
  status: 'PENDING' | 'READY' | 'UPLOAD_FAILED'
  createdAt: number
  updatedAt: number
  params: Record<string, string>
  tags: Record<string, string>
  metrics: (Metric & { run: string; dataset: { name: string; digest: string } | null })[]
}

export interface ParameterImportance {
  metric: string
  runs: number
  /** The most important first. */
  parameters: {
    key: string
    kind: 'numeric' | 'categorical'
    /** Share, 0 to 1. */
    importance: number
    /** Spearman's, with the metric; null if it is not defined. */
    correlation: number | null
  }[]
}

export function searchCalls({ send }: Transport) {
  const search =
    <Input extends SearchInput, Item>(at: string) =>
    (body: Input) =>
      send<SearchPage<Item>>({ method: 'POST', path: at, body, idempotent: true })
  return {
    search: {
      runs: search<SearchRunsInput, TrainingRunDetail>('/v1/runs/search'),
      experiments: search<SearchInput & { view?: View }, Experiment>('/v1/experiments/search'),
      loggedModels: search<SearchLoggedModelsInput, FoundLoggedModel>('/v1/logged-models/search'),
      models: search<SearchInput, RegisteredModel>('/v1/models/search'),
      modelVersions: search<SearchInput, ModelVersion>('/v1/model-versions/search'),
      /** Which parameters decide on a metric of an experiment. */
      importance: (experiment: string, metric: string) =>
        send<ParameterImportance>({
          method: 'GET',
          path: path`/v1/experiments/${experiment}/importance`,
          query: { metric },
        }),
    },
  }
}
