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
  }
}

/** Slashes are part of these names and stay. */
function encodeSegments(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
