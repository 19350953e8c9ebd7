import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

export interface Experiment {
  id: string
  name: string
  createdAt: number
}

export interface TrainingRun {
  id: string
  experimentId: string
  name: string
  status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
  startedAt: number
  endedAt: number | null
}

export interface TrainingRunDetail extends TrainingRun {
  params: Record<string, string>
  tags: Record<string, string>
  /** The latest value of each metric. */
  metrics: Metric[]
}

/** One measurement; NaN and the infinities travel as their names. */
export interface Metric {
  key: string
  value: number | string
  at: number
  step: number
}

export interface Artifact {
  path: string
  digest: string
  size: number
  createdAt: number
}

export interface RegisteredModel {
  name: string
  createdAt: number
  latestVersion: number
  /** Alias -> version. */
  aliases: Record<string, number>
}

export interface ModelVersion {
  model: string
  version: number
  /** Rejected versions are kept and never served. */
  status: 'READY' | 'REJECTED'
  /** Why it is ready or was rejected. */
  reason: string
  /** Digest of the model's manifest. */
  manifest: string
  gate: { passed: boolean; reason: string; evaluation: string | null; metrics: Record<string, number> }
  tags: Record<string, string>
  lineage: Lineage
  createdAt: number
}

/** Where a version comes from, down to the data and the code. */
export interface Lineage {
  run: string | null
  trainingSet: string | null
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  bundles: string[]
}

/** One move of an alias; the last one is where it points now. */
export interface AliasMove {
  model: string
  alias: string
  version: number
  at: number
  by: string
  reason: string
}

export function modelCalls({ send, open }: Transport) {
  const get = <T>(at: string, query?: object) => send<T>({ method: 'GET', path: at, query: { ...query } })
  return {
    experiments: {
      list: (page?: PageInput) => get<Page<Experiment>>('/v1/experiments', page),
    },
    runs: {
      /** `experiment`: its id. */
      list: (query?: PageInput & { experiment?: string }) => get<Page<TrainingRun>>('/v1/runs', query),
      get: (run: string) => get<TrainingRunDetail>(path`/v1/runs/${run}`),
      /** All values of one metric, by step. */
      metric: (run: string, key: string, page?: PageInput) =>
        get<Page<Metric>>(`${path`/v1/runs/${run}/metrics/`}${encodeSegments(key)}`, page),
      artifacts: (run: string, page?: PageInput) =>
        get<Page<Artifact>>(path`/v1/runs/${run}/artifacts`, page),
      /** The bytes of an artifact, as a stream. */
      artifact: (run: string, name: string) =>
        open({ method: 'GET', path: `${path`/v1/runs/${run}/artifacts/`}${encodeSegments(name)}` }),
    },
    models: {
      list: (page?: PageInput) => get<Page<RegisteredModel>>('/v1/models', page),
      versions: (model: string, page?: PageInput) =>
        get<Page<ModelVersion>>(path`/v1/models/${model}/versions`, page),
      /** One version with its gate result and lineage. */
      version: (model: string, version: number) =>
        get<ModelVersion>(path`/v1/models/${model}/versions/${version}`),
      /** Versions that learnt from a dataset version. */
      learntFrom: ({ dataset, version }: { dataset: string; version: string }, page?: PageInput) =>
        get<Page<ModelVersion>>(path`/v1/datasets/${dataset}/versions/${version}/models`, page),
      aliasHistory: (model: string, alias: string, page?: PageInput) =>
        get<Page<AliasMove>>(path`/v1/models/${model}/aliases/${alias}/history`, page),
      /** Points an alias at a version; a rejected version is refused. */
      setAlias: (model: string, alias: string, body: { version: number; reason: string }) =>
        send<AliasMove>({ method: 'PUT', path: path`/v1/models/${model}/aliases/${alias}`, body }),
    },
  }
}

/** Slashes are part of these names and stay. */
function encodeSegments(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
