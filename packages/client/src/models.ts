import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

export interface Experiment {
  id: string
  name: string
}

export interface TrainingRun {
  id: string
  experiment: string
  name: string
  status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'
  params: Record<string, string>
  tags: Record<string, string>
  /** The newest value of each metric. */
  metrics: Record<string, number>
}

export interface MetricPoint {
  value: number
  timestamp: number
  step: number
}

export interface Artifact {
  path: string
  digest: string
  size: number
}

export interface RegisteredModel {
  name: string
  aliases: Record<string, number>
}

export interface ModelVersion {
  model: string
  version: number
  status: 'READY' | 'REJECTED'
  [field: string]: unknown
}

export function modelCalls({ send, open }: Transport) {
  return {
    experiments: {
      list: (page?: PageInput) =>
        send<Page<Experiment>>({ method: 'GET', path: '/v1/experiments', query: { ...page } }),
    },
    runs: {
      list: (query: PageInput & { experiment?: string } = {}) =>
        send<Page<TrainingRun>>({ method: 'GET', path: '/v1/runs', query: { ...query } }),
      get: (run: string) => send<TrainingRun>({ method: 'GET', path: path`/v1/runs/${run}` }),
      metric: (run: string, key: string) =>
        send<Page<MetricPoint>>({ method: 'GET', path: path`/v1/runs/${run}/metrics/${key}` }),
      artifacts: (run: string) =>
        send<{ items: Artifact[] }>({ method: 'GET', path: path`/v1/runs/${run}/artifacts` }),
      /** The bytes of an artifact, as a stream. */
      artifact: (run: string, name: string) => {
        const encoded = name.split('/').map(encodeURIComponent).join('/')
        return open({ method: 'GET', path: `${path`/v1/runs/${run}/artifacts/`}${encoded}` })
      },
    },
    models: {
      list: (page?: PageInput) =>
        send<Page<RegisteredModel>>({ method: 'GET', path: '/v1/models', query: { ...page } }),
      versions: (model: string, page?: PageInput) =>
        send<Page<ModelVersion>>({
          method: 'GET',
          path: path`/v1/models/${model}/versions`,
          query: { ...page },
        }),
      /** One version with its lineage. */
      version: (model: string, version: number) =>
        send<ModelVersion>({ method: 'GET', path: path`/v1/models/${model}/versions/${version}` }),
      setAlias: (model: string, alias: string, input: { version: number; reason: string }) =>
        send<Record<string, unknown>>({
          method: 'PUT',
          path: path`/v1/models/${model}/aliases/${alias}`,
          body: input,
        }),
    },
  }
}
