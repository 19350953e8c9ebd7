/** What MLflow keeps, as every reader gives it: one shape for a server, a folder and a database. Times are milliseconds. */

export type Lifecycle = 'active' | 'deleted'
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'
export type Entries = Record<string, string>

export interface StoredExperiment {
  id: string
  name: string
  artifactLocation: string | null
  lifecycle: Lifecycle
  createdAt: number | null
  updatedAt: number | null
  tags: Entries
}

export interface StoredDataset {
  name: string
  digest: string
  sourceType: string
  source: string
  schema: string | null
  profile: string | null
  /** Of this use of the dataset, such as `mlflow.data.context`. */
  tags: Entries
}

export interface StoredRun {
  id: string
  experimentId: string
  name: string
  user: string | null
  status: RunStatus
  startedAt: number | null
  endedAt: number | null
  lifecycle: Lifecycle
  deletedAt: number | null
  artifactUri: string | null
  params: Entries
  tags: Entries
  metricKeys: string[]
  datasets: StoredDataset[]
  modelInputs: string[]
  modelOutputs: { model: string; step: number }[]
}

export interface StoredMetric {
  key: string
  value: number
  at: number
  step: number
}

/** MLflow's "unspecified" is read as pending: nothing is known of its files. */
export type LoggedModelStatus = 'PENDING' | 'READY' | 'UPLOAD_FAILED'

export interface LoggedModelMetric extends StoredMetric {
  run: string
  datasetName: string | null
  datasetDigest: string | null
}

export interface StoredLoggedModel {
  id: string
  experimentId: string
  name: string
  type: string | null
  sourceRun: string | null
  artifactUri: string | null
  status: LoggedModelStatus
  statusMessage: string | null
  lifecycle: Lifecycle
  createdAt: number
  updatedAt: number
  params: Entries
  tags: Entries
  metrics: LoggedModelMetric[]
}

export interface StoredRegisteredModel {
  name: string
  description: string | null
  createdAt: number
  updatedAt: number
  tags: Entries
  /** Alias to version. */
  aliases: Record<string, number>
  /** Numbers that deleted versions had, as far as the store tells; they are not given again. */
  deletedVersions: number[]
}

export interface StoredModelVersion {
  model: string
  version: number
  description: string | null
  user: string | null
  stage: string
  source: string | null
  storageLocation: string | null
  run: string | null
  runLink: string | null
  loggedModel: string | null
  status: string
  statusMessage: string | null
  createdAt: number
  updatedAt: number
  tags: Entries
}

export interface StoredFile {
  /** Relative to the folder, with "/" between names. */
  path: string
  size: number
}

/** The artifacts of one run or logged model. */
export interface ArtifactFolder {
  /** All files, in whatever order. */
  list(): AsyncIterable<StoredFile>
  /** The bytes of one file from its beginning. */
  open(path: string): Promise<AsyncIterable<Uint8Array>>
}

/** Something that is there and does not go along, and why. */
export interface LeftOut {
  what: string
  count: number
  reason: string
}

export interface Problem {
  /** The file or thing. */
  where: string
  reason: string
}

/**
 * A store that is read whole.
 *
 * - Deleted experiments and runs are listed like others; what the store has purged is not.
 * - `listMetrics` gives every point of the run once (exact repeats are one point), in any order.
 * - What cannot be understood is an `mlflow.source_invalid` naming it, or, where the rest can be read, passed over and
 *   listed by `listProblems`; nothing is passed over in silence.
 */
export interface MlflowSource {
  /** What it is, for people. */
  readonly label: string
  listExperiments(): AsyncIterable<StoredExperiment>
  /** How many runs and logged models there are, to tell how long they will take. */
  countRuns(experiment: StoredExperiment): Promise<number>
  listRuns(experiment: StoredExperiment): AsyncIterable<StoredRun>
  /** In pages. */
  listMetrics(run: StoredRun): AsyncIterable<StoredMetric[]>
  listLoggedModels(experiment: StoredExperiment): AsyncIterable<StoredLoggedModel>
  listRegisteredModels(): AsyncIterable<StoredRegisteredModel>
  /** Lowest first, without the deleted ones. */
  listModelVersions(model: string): AsyncIterable<StoredModelVersion>
  /** @throws `mlflow.artifacts_unreachable` if the place of the artifacts cannot be read from here */
  runArtifacts(run: StoredRun): ArtifactFolder
  loggedModelArtifacts(model: StoredLoggedModel): ArtifactFolder
  /** What this kind of store holds and nothing here copies (traces, …), of the experiments of these ids. */
  listLeftOut(experiments: readonly StoredExperiment[]): Promise<LeftOut[]>
  /** What was met so far and could not be read. */
  listProblems(): Problem[]
  close(): Promise<void>
}
