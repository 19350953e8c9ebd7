import { readEvents } from './events.ts'
import type { Page, PageInput } from './page.ts'
import type { View } from './search.ts'
import type {
  DatasetInput,
  Experiment,
  LoggedModel,
  LoggedModelDetail,
  Metric,
  MetricSeries,
  MetricValue,
  NewMetric,
  RunComparison,
  RunEvent,
  RunGroup,
  TrainingRun,
  TrainingRunDetail,
  TrainingRunStatus,
} from './tracking-types.ts'
import { path, type Transport } from './transport.ts'

export interface StartRunInput {
  /** Name of the experiment, made if it does not exist; or `experimentId`. `Default` without both. */
  experiment?: string
  experimentId?: string
  /** The same key gives the same run; one that has failed is taken up again. Makes the call safe to repeat. */
  key?: string
  name?: string
  user?: string
  /** Milliseconds. */
  startedAt?: number
  /** Runs that belong together name the same group. */
  group?: string
  tags?: Record<string, string>
}

export interface LogBatchInput {
  params?: Record<string, string>
  /** Without a time they are of now. */
  metrics?: readonly NewMetric[]
  tags?: Record<string, string>
}

export function trackingCalls({ send, open }: Transport) {
  const get = <T>(at: string, query?: object) => send<T>({ method: 'GET', path: at, query: { ...query } })
  const post = <T>(at: string, body?: unknown, idempotent = true) =>
    send<T>({ method: 'POST', path: at, body, idempotent })
  const remove = (at: string) => send<void>({ method: 'DELETE', path: at, idempotent: false })
  return {
    experiments: {
      list: (query?: PageInput & { view?: View }) => get<Page<Experiment>>('/v1/experiments', query),
      get: (id: string) => get<Experiment>(path`/v1/experiments/${id}`),
      getByName: async (name: string) =>
        (await get<{ items: [Experiment] }>('/v1/experiments', { name })).items[0],
      create: (input: { name: string; artifactLocation?: string; tags?: Record<string, string> }) =>
        post<Experiment>('/v1/experiments', input, false),
      rename: (id: string, name: string) =>
        send<Experiment>({ method: 'PATCH', path: path`/v1/experiments/${id}`, body: { name } }),
      /** Deletes it with its runs; `restore` brings both back. */
      delete: (id: string) => remove(path`/v1/experiments/${id}`),
      restore: (id: string) => post<Experiment>(path`/v1/experiments/${id}/restore`, undefined, false),
      setTags: (id: string, tags: Record<string, string>) =>
        post<Experiment>(path`/v1/experiments/${id}/tags`, { tags }),
      deleteTag: (id: string, key: string) => remove(path`/v1/experiments/${id}/tags/` + encodeSegments(key)),
      /** Groups of its runs, the latest first; with one `metric`, or the first 100 by name without it. */
      runGroups: (id: string, query?: PageInput & { metric?: string }) =>
        get<Page<RunGroup>>(path`/v1/experiments/${id}/run-groups`, query),
      /** Datasets that its runs use; at most 1000. */
      datasets: (id: string) =>
        get<{ items: { name: string; digest: string; context: string | null }[] }>(
          path`/v1/experiments/${id}/datasets`,
        ),
    },
    runs: {
      /** `experiment`: its id. */
      list: (query?: PageInput & { experiment?: string; group?: string; view?: View }) =>
        get<Page<TrainingRun>>('/v1/runs', query),
      get: (run: string) => get<TrainingRunDetail>(path`/v1/runs/${run}`),
      start: (input: StartRunInput = {}) => post<TrainingRun>('/v1/runs', input, input.key !== undefined),
      /** Ends it (now, unless `endedAt` says when), takes it up again, renames it, puts it into a group or (null) none. */
      update: (
        run: string,
        body: { status?: TrainingRunStatus; endedAt?: number; name?: string; group?: string | null },
      ) => send<TrainingRun>({ method: 'PATCH', path: path`/v1/runs/${run}`, body }),
      delete: (run: string) => remove(path`/v1/runs/${run}`),
      restore: (run: string) => post<TrainingRun>(path`/v1/runs/${run}/restore`),
      /** Parameters, metrics and tags, all or nothing. */
      log: (run: string, { metrics = [], ...entries }: LogBatchInput) =>
        post<void>(path`/v1/runs/${run}/batch`, { ...entries, metrics: metrics.map(toWireMetric) }),
      deleteTag: (run: string, key: string) => remove(path`/v1/runs/${run}/tags/` + encodeSegments(key)),
      logInputs: (run: string, inputs: { datasets?: readonly DatasetInput[]; models?: readonly string[] }) =>
        post<void>(path`/v1/runs/${run}/inputs`, inputs),
      logOutputs: (run: string, models: readonly { model: string; step?: number }[]) =>
        post<void>(path`/v1/runs/${run}/outputs`, { models }),
      /** All values of one metric, by step. */
      metric: (run: string, key: string, page?: PageInput) =>
        get<Page<Metric>>(path`/v1/runs/${run}/metrics/` + encodeSegments(key), page),
      /** One metric cut into parts with minimum, maximum and mean of each; fast however long it is. */
      series: (run: string, key: string, query: { pixels?: number; from?: number; to?: number } = {}) =>
        get<MetricSeries>(path`/v1/runs/${run}/series`, { key, ...query }),
      /** Values of one metric of several runs at evenly spaced steps. */
      sample: (input: {
        runs: readonly string[]
        key: string
        points?: number
        from?: number
        to?: number
      }) => post<{ items: (Metric & { run: string })[] }>('/v1/metrics/sample', input),
      compare: (runs: readonly string[]) => post<RunComparison>('/v1/runs/compare', { runs }),
      /** What happens in a run, as it happens; ends with it, or when the signal aborts. */
      follow: async function* (
        run: string,
        options: { signal?: AbortSignal } = {},
      ): AsyncGenerator<RunEvent> {
        const response = await open({ method: 'GET', path: path`/v1/runs/${run}/events`, ...options })
        for await (const { event, data } of readEvents(response)) {
          yield { event, data: JSON.parse(data) } as RunEvent
        }
      },
    },
    loggedModels: {
      list: (query?: PageInput & { experiment?: string; run?: string; view?: View }) =>
        get<Page<LoggedModel>>('/v1/logged-models', query),
      get: (id: string, query?: { allowDeleted?: boolean }) =>
        get<LoggedModelDetail>(path`/v1/logged-models/${id}`, query),
      create: (input: {
        experimentId: string
        name?: string
        modelType?: string
        sourceRun?: string
        params?: Record<string, string>
        tags?: Record<string, string>
      }) => post<LoggedModelDetail>('/v1/logged-models', input, false),
      setStatus: (id: string, body: { status: LoggedModel['status']; message?: string }) =>
        send<LoggedModelDetail>({ method: 'PATCH', path: path`/v1/logged-models/${id}`, body }),
      delete: (id: string) => remove(path`/v1/logged-models/${id}`),
      restore: (id: string) => post<LoggedModelDetail>(path`/v1/logged-models/${id}/restore`),
      setTags: (id: string, tags: Record<string, string>) =>
        post<LoggedModelDetail>(path`/v1/logged-models/${id}/tags`, { tags }),
      deleteTag: (id: string, key: string) =>
        remove(path`/v1/logged-models/${id}/tags/` + encodeSegments(key)),
      logParams: (id: string, params: Record<string, string>) =>
        post<LoggedModelDetail>(path`/v1/logged-models/${id}/params`, { params }),
    },
  }
}

function toWireMetric(metric: NewMetric): NewMetric & { value: MetricValue } {
  const { value, at = Date.now() } = metric
  const isNamed = typeof value === 'number' && !Number.isFinite(value)
  return { ...metric, at, value: isNamed ? (String(value) as MetricValue) : value }
}

/** Slashes are part of these names and stay. */
function encodeSegments(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}
