import type { Page, PageInput } from './page.ts'
import { path, type Transport } from './transport.ts'

export interface RegisteredModel {
  name: string
  description: string | null
  userId: string | null
  tags: Record<string, string>
  /** Alias -> version. */
  aliases: Record<string, number>
  /** 0 = none. */
  latestVersion: number
  createdAt: number
  updatedAt: number
}

export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived'
export type ModelChangeKind = 'architecture' | 'features' | 'data'

export interface ModelChange {
  kind: ModelChangeKind
  /** The version that it was compared with; null for the first one. */
  since: number | null
  declared: ModelChangeKind | null
  details: string[]
}

export interface ModelVersion {
  model: string
  version: number
  /** `major.minor.patch`: another architecture, other features, other data or parameters only. */
  label: string
  change: ModelChange
  /** Rejected versions are kept and never served. */
  status: 'PENDING' | 'READY' | 'REJECTED' | 'FAILED'
  /** Why it has its status. */
  reason: string
  stage: ModelStage
  source: string | null
  storageLocation: string | null
  runLink: string | null
  /** The logged model that it was registered from. */
  modelId: string | null
  description: string | null
  userId: string | null
  /** Digest of its files; null = the server cannot read them. */
  digest: string | null
  /** Digest of the model's manifest; null = it was registered from outside. */
  manifest: string | null
  spec: {
    algorithm: string[]
    signature: { inputs: ModelField[]; outputs: ModelField[]; params: ModelField[] } | null
  } | null
  gate: {
    passed: boolean
    reason: string
    evaluation: string | null
    metrics: Record<string, number>
  } | null
  tags: Record<string, string>
  aliases: string[]
  lineage: Lineage
  createdAt: number
  updatedAt: number
}

export interface ModelField {
  name: string
  type: string
}

/** Where a version comes from, down to the data and the code. */
export interface Lineage {
  run: string | null
  trainingSet: string | null
  datasets: { dataset: string; version: string }[]
  /** Content hashes of the definitions, by `kind/name`. */
  definitions: Record<string, string>
  bundles: string[]
  /** Git commit that the run was made from. */
  commit: string | null
}

/** A version's lineage with what is known of both ends. */
export interface VersionLineage extends Omit<Lineage, 'run'> {
  model: string
  version: number
  label: string
  digest: string | null
  manifest: string | null
  source: string | null
  run: { id: string; experimentId: string | null; known: boolean } | null
  loggedModel: { id: string; known: boolean } | null
  /** Lines of the model's `requirements.txt`. */
  environment: string[] | null
  aliases: string[]
  stage: string
  /** Endpoints that answer with it now. */
  endpoints: {
    endpoint: string
    revision: number
    role: 'stable' | 'candidate'
    model: string
    version: number
  }[]
  /** Other versions with the same files. */
  copies: { model: string; version: number }[]
}

/** What versions can have in common. */
export type VersionOrigin =
  | { run: string }
  | { trainingSet: string }
  | { loggedModel: string }
  | { definition: string }
  | { bundle: string }
  | { commit: string }
  | { digest: string }

/** One move of an alias; the last one is where it points now. */
export interface AliasMove {
  model: string
  alias: string
  /** null = it was deleted. */
  version: number | null
  kind: 'set' | 'rollback' | 'delete'
  at: number
  by: string
  reason: string
}

export interface StageMove {
  model: string
  version: number
  from: ModelStage
  to: ModelStage
  at: number
  by: string
  reason: string
}

export interface Difference<Value> {
  key: string
  left: Value | null
  right: Value | null
  same: boolean
}

interface ComparedVersion {
  model: string
  version: number
  label: string
  source: string | null
  digest: string | null
  createdAt: number
  run: string | null
  commit: string | null
}

export interface VersionComparison {
  left: ComparedVersion
  right: ComparedVersion
  sameFiles: boolean | null
  change: ModelChange
  metrics: Difference<number>[]
  params: Difference<string>[]
  tags: Difference<string>[]
  algorithm: Difference<string>[]
  inputs: Difference<string>[]
  outputs: Difference<string>[]
  features: Difference<string>[]
  datasets: Difference<string>[]
}

/** What a version must pass before one of the pointers (aliases, stages) may name it. */
export interface ModelChecks {
  pointers: string[]
  loads?: boolean
  signature?: boolean
  predicts?: boolean
  metrics?: { key: string; min?: number; max?: number }[]
  tags?: { key: string; value?: string }[]
}

export interface CheckReport {
  id: string
  model: string
  version: number
  passed: boolean
  results: {
    check: 'unchanged' | 'loads' | 'signature' | 'predicts' | 'metric' | 'tag'
    of: string | null
    outcome: 'passed' | 'failed' | 'not-checkable'
    demanded: boolean
    detail: string
  }[]
  checkedAt: number
}

export interface RegisterInput {
  source: string
  runId?: string | null
  modelId?: string | null
  runLink?: string | null
  description?: string | null
  tags?: Record<string, string>
  /** Said to be the change since the version before. */
  change?: ModelChangeKind
}

export function registryCalls({ send }: Transport) {
  const get = <T>(at: string, query?: object) => send<T>({ method: 'GET', path: at, query: { ...query } })
  const put = <T>(at: string, body: unknown) => send<T>({ method: 'PUT', path: at, body })
  const remove = (at: string, query?: object) =>
    send<void>({ method: 'DELETE', path: at, query: { ...query } })
  return {
    models: {
      list: (page?: PageInput) => get<Page<RegisteredModel>>('/v1/models', page),
      get: (model: string) => get<RegisteredModel>(path`/v1/models/${model}`),
      create: (body: { name: string; description?: string | null; tags?: Record<string, string> }) =>
        send<RegisteredModel>({ method: 'POST', path: '/v1/models', body }),
      /** Describes a model anew, or renames it. */
      update: (model: string, body: { description?: string | null; name?: string }) =>
        send<RegisteredModel>({ method: 'PATCH', path: path`/v1/models/${model}`, body }),
      /** With all versions, for good. */
      delete: (model: string) => remove(path`/v1/models/${model}`),
      setTag: (model: string, key: string, value: string) =>
        put<void>(path`/v1/models/${model}/tags/${key}`, { value }),
      deleteTag: (model: string, key: string) => remove(path`/v1/models/${model}/tags/${key}`),
      versions: (model: string, page?: PageInput) =>
        get<Page<ModelVersion>>(path`/v1/models/${model}/versions`, page),
      /** One version with its gate result and lineage. */
      version: (model: string, version: number) =>
        get<ModelVersion>(path`/v1/models/${model}/versions/${version}`),
      /** Adds the next version; its files cannot change any more. */
      register: (model: string, body: RegisterInput) =>
        send<ModelVersion>({ method: 'POST', path: path`/v1/models/${model}/versions`, body }),
      describeVersion: (model: string, version: number, description: string | null) =>
        send<ModelVersion>({
          method: 'PATCH',
          path: path`/v1/models/${model}/versions/${version}`,
          body: { description },
        }),
      deleteVersion: (model: string, version: number) =>
        remove(path`/v1/models/${model}/versions/${version}`),
      setVersionTag: (model: string, version: number, tag: { key: string; value: string }) =>
        put<void>(path`/v1/models/${model}/versions/${version}/tags/${tag.key}`, { value: tag.value }),
      deleteVersionTag: (model: string, version: number, key: string) =>
        remove(path`/v1/models/${model}/versions/${version}/tags/${key}`),
      lineage: (model: string, version: number) =>
        get<VersionLineage>(path`/v1/models/${model}/versions/${version}/lineage`),
      /** Versions that came from one thing. */
      cameFrom: (origin: VersionOrigin, page?: PageInput) =>
        get<Page<ModelVersion>>('/v1/lineage/versions', { ...origin, ...page }),
      /** Versions that learnt from a dataset version. */
      learntFrom: ({ dataset, version }: { dataset: string; version: string }, page?: PageInput) =>
        get<Page<ModelVersion>>(path`/v1/datasets/${dataset}/versions/${version}/models`, page),
      /** `other`: a number of the same model, or `name/version`. */
      compare: (model: string, version: number, other: number | string) =>
        get<VersionComparison>(path`/v1/models/${model}/versions/${version}/comparison`, { with: other }),
      /** Where an alias points, or pointed at a time in milliseconds. */
      alias: (model: string, alias: string, at?: number) =>
        get<AliasMove>(path`/v1/models/${model}/aliases/${alias}`, { at }),
      aliasHistory: (model: string, alias: string, page?: PageInput) =>
        get<Page<AliasMove>>(path`/v1/models/${model}/aliases/${alias}/history`, page),
      /**
       * Points an alias at a version; with `expected` only if it points there now (null = nowhere).
       * @throws `model.pointer_moved`, `model.checks_failed`, `model.version_rejected`
       */
      setAlias: (
        model: string,
        alias: string,
        body: { version: number; reason: string; expected?: number | null },
      ) => put<AliasMove>(path`/v1/models/${model}/aliases/${alias}`, body),
      deleteAlias: (model: string, alias: string, query: { reason: string; expected?: number }) =>
        remove(path`/v1/models/${model}/aliases/${alias}`, query),
      /** Back to where it pointed before; not repeated by itself, as twice is further back. */
      rollbackAlias: (model: string, alias: string, body: { reason: string; expected?: number }) =>
        send<AliasMove>({ method: 'POST', path: path`/v1/models/${model}/aliases/${alias}/rollback`, body }),
      setStage: (
        model: string,
        version: number,
        body: { stage: ModelStage; reason: string; archiveExisting?: boolean; expected?: ModelStage },
      ) => put<ModelVersion>(path`/v1/models/${model}/versions/${version}/stage`, body),
      stageHistory: (model: string, page?: PageInput) =>
        get<Page<StageMove>>(path`/v1/models/${model}/stages`, page),
      /** Versions in a stage, now or at a time in milliseconds. */
      inStage: (model: string, stage: ModelStage, at?: number) =>
        get<{ stage: ModelStage; versions: number[] }>(path`/v1/models/${model}/stages/${stage}`, { at }),
      checks: (model: string) => get<{ checks: ModelChecks | null }>(path`/v1/models/${model}/checks`),
      setChecks: (model: string, checks: ModelChecks) =>
        put<{ checks: ModelChecks }>(path`/v1/models/${model}/checks`, checks),
      deleteChecks: (model: string) => remove(path`/v1/models/${model}/checks`),
      check: (model: string, version: number) =>
        send<CheckReport>({ method: 'POST', path: path`/v1/models/${model}/versions/${version}/checks` }),
      checkReports: (model: string, version: number, page?: PageInput) =>
        get<Page<CheckReport>>(path`/v1/models/${model}/versions/${version}/checks`, page),
    },
  }
}
