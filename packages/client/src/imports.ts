import type { ArtifactContent } from './artifacts.ts'
import type { ApplyResult } from './definitions.ts'
import type { Page } from './page.ts'
import type { ModelStage } from './registry.ts'
import type { DatasetInput, LoggedModel, MetricValue, TrainingRunStatus } from './tracking-types.ts'
import { path, type Transport } from './transport.ts'

/** What sending a thing did: the same again changes nothing. */
export type ImportOutcome = 'created' | 'changed' | 'unchanged'

type Lifecycle = 'active' | 'deleted'
type Entries = Record<string, string>
/** As in a history: key, value, time in milliseconds, step. */
export type MetricPoint = [key: string, value: MetricValue, at: number, step: number]

export interface ImportedExperiment {
  name: string
  lifecycleStage: Lifecycle
  createdAt: number | null
  updatedAt: number | null
  tags: Entries
}

export interface ImportedRun {
  /** The id that this server gave the experiment. */
  experimentId: string
  name: string
  user: string
  status: TrainingRunStatus
  lifecycleStage: Lifecycle
  startedAt: number
  endedAt: number | null
  deletedAt: number | null
  params: Entries
  tags: Entries
  inputs: readonly (Omit<DatasetInput, 'tags'> & { tags: Entries })[]
  /** Ids of logged models. */
  modelInputs: readonly string[]
  modelOutputs: readonly { model: string; step: number }[]
}

/** A value that was measured of a logged model. */
export interface LoggedModelPoint {
  key: string
  value: MetricValue
  at: number
  step: number
  run: string
  dataset: { name: string; digest: string } | null
}

export interface ImportedLoggedModel {
  experimentId: string
  name: string
  modelType: string | null
  sourceRun: string | null
  status: LoggedModel['status']
  statusMessage: string | null
  lifecycleStage: Lifecycle
  createdAt: number
  updatedAt: number
  params: Entries
  tags: Entries
  metrics: readonly LoggedModelPoint[]
}

export interface ImportedModel {
  description: string | null
  createdAt: number
  updatedAt: number
  tags: Entries
}

export interface ImportedVersion extends ImportedModel {
  userId: string | null
  stage: ModelStage
  source: string
  runId: string | null
  runLink: string | null
  modelId: string | null
  status: 'READY' | 'PENDING' | 'FAILED'
  reason: string
}

/** A file of the artifacts. */
export interface ImportedFile {
  path: string
  /** SHA-256, lower-case hex. */
  digest: string
  /** Bytes. */
  size: number
}

/** What came in of a Feast project. */
export interface FeastImport extends Pick<ApplyResult, 'changes' | 'applied'> {
  /** As Feast calls it; here its definitions belong to `feast:<project>`. */
  project: string
  /** `trains`: training sets can use it, too. */
  services: { name: string; trains: boolean }[]
  leftOut: { kind: string; name: string; reason: string }[]
}

/** One page of what has moved in. */
export interface ImportPage {
  /** 1000 by default, at most 10,000. */
  limit?: number
  pageToken?: string
}

const segments = (name: string) => name.split('/').map(encodeURIComponent).join('/')

/**
 * Calls by which the content of another tracking server moves in, with its own ids, numbers, times and states. All may
 * be repeated; of a model send the versions from the lowest number upwards.
 */
export function importCalls({ send }: Transport) {
  const get = <T>(at: string, query?: object) => send<T>({ method: 'GET', path: at, query: { ...query } })
  const put = <T>(at: string, body: object) => send<T>({ method: 'PUT', path: at, body })
  return {
    imports: {
      /** Matched by name; gives the id that it has here. */
      putExperiment: (experiment: ImportedExperiment) =>
        put<{ id: string; outcome: ImportOutcome }>('/v1/imports/experiments', experiment),
      putRun: (id: string, run: ImportedRun) =>
        put<{ outcome: ImportOutcome }>(path`/v1/imports/runs/${id}`, run),
      /** At most 10,000 points at once; those that are there already stay. */
      addMetrics: (run: string, points: readonly MetricPoint[]) =>
        send<object>({
          method: 'POST',
          path: path`/v1/imports/runs/${run}/metrics`,
          body: { points },
          idempotent: true,
        }),
      /** Every point of every metric of a run. */
      listMetrics: (run: string, page?: ImportPage) =>
        get<{ points: MetricPoint[]; nextPageToken?: string }>(path`/v1/imports/runs/${run}/metrics`, page),
      putLoggedModel: (id: string, model: ImportedLoggedModel) =>
        put<{ outcome: ImportOutcome }>(path`/v1/imports/logged-models/${id}`, model),
      /** Every point that was measured of a logged model. */
      listLoggedModelMetrics: (id: string, page?: ImportPage) =>
        get<Page<LoggedModelPoint>>(path`/v1/imports/logged-models/${id}/metrics`, page),
      putModel: (name: string, model: ImportedModel) =>
        put<{ outcome: ImportOutcome }>(path`/v1/imports/models/${name}`, model),
      putVersion: (of: { model: string; version: number }, version: ImportedVersion) =>
        put<{ outcome: ImportOutcome }>(path`/v1/imports/models/${of.model}/versions/${of.version}`, version),
      /** Numbers that deleted versions had. */
      listDeletedVersions: (model: string) =>
        get<{ versions: number[] }>(path`/v1/imports/models/${model}/deleted-versions`),
      /** So that these numbers are not given again. */
      putDeletedVersions: (model: string, versions: readonly number[]) =>
        put<object>(path`/v1/imports/models/${model}/deleted-versions`, { versions }),
      putAliases: (model: string, aliases: Record<string, number>) =>
        put<{ outcome: ImportOutcome }>(path`/v1/imports/models/${model}/aliases`, { aliases }),
      /**
       * The definitions of a Feast project, out of its registry file. Name the project if the file has several.
       * @throws `feast.registry_unreadable`, `feast.project_unclear`, `import.conflict`; `definition.destructive`
       */
      feast: (
        registry: Uint8Array<ArrayBuffer>,
        options: { project?: string; dryRun?: boolean; allowDestroy?: boolean } = {},
      ) =>
        send<FeastImport>({
          method: 'POST',
          path: '/v1/imports/feast',
          query: { ...options },
          content: registry,
          idempotent: true,
        }),
      /** All files beneath a folder of the artifacts, such as `<experiment>/<run>/artifacts`, by path. */
      listFiles: (folder: string, page?: ImportPage) =>
        get<Page<ImportedFile>>('/v1/imports/artifacts', { folder, ...page }),
      putFile: (file: string, content: ArtifactContent) =>
        send<ImportedFile>({
          method: 'PUT',
          path: `/v1/imports/artifacts/${segments(file)}`,
          content,
          idempotent: !(content instanceof ReadableStream),
        }),
    },
  }
}
