export interface Experiment {
  id: string
  name: string
  artifactLocation: string
  lifecycleStage: 'active' | 'deleted'
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
  deletedAt: number | null
  tags: Record<string, string>
}

export type TrainingRunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED'

export interface TrainingRun {
  id: string
  experimentId: string
  name: string
  user: string
  status: TrainingRunStatus
  lifecycleStage: 'active' | 'deleted'
  artifactUri: string
  /** Milliseconds. */
  startedAt: number
  endedAt: number | null
  deletedAt: number | null
}

export interface TrainingRunDetail extends TrainingRun {
  /** Null where it is in none. */
  group: string | null
  params: Record<string, string>
  tags: Record<string, string>
  /** The latest value of each metric. */
  metrics: Metric[]
  inputs: DatasetInput[]
  /** Ids of logged models. */
  modelInputs: string[]
  modelOutputs: { model: string; step: number }[]
}

/** The active runs of an experiment that name the same group. */
export interface RunGroup {
  name: string
  runs: number
  /** Runs that have not ended. */
  running: number
  failed: number
  /** Milliseconds. */
  firstStartedAt: number
  lastStartedAt: number
  metrics: {
    key: string
    /** Runs with a finite value; others do not count. */
    runs: number
    min: { value: number; run: string }
    max: { value: number; run: string }
    /** Null where values are beyond ±1e150. */
    mean: number | null
    /** Of a sample; null for one run. */
    standardDeviation: number | null
  }[]
}

/** NaN and the infinities travel as their names. */
export type MetricValue = number | 'NaN' | 'Infinity' | '-Infinity'

/** One measurement. */
export interface Metric {
  key: string
  value: number | string
  /** Milliseconds. */
  at: number
  step: number
}

export interface NewMetric {
  key: string
  value: MetricValue
  /** Milliseconds; now without it. */
  at?: number
  step?: number
  /** Id of a logged model, which gets the value, too. */
  model?: string
  /** What it was measured on. */
  dataset?: { name: string; digest: string }
}

export interface DatasetInput {
  dataset: {
    name: string
    digest: string
    sourceType: string
    source: string
    schema?: string | null
    profile?: string | null
  }
  tags?: Record<string, string>
}

export interface MetricSeries {
  run: string
  key: string
  /** Points of the whole series. */
  points: number
  /** Ends of parts lie on multiples of this many steps. */
  alignment: number
  pixels: {
    /** First and last step of the part. */
    from: number
    to: number
    count: number
    /** Over the finite values; null if there is none. */
    min: number | null
    max: number | null
    mean: number | null
    nan: number
    infinite: number
    negativeInfinite: number
  }[]
}

export interface RunComparison {
  runs: TrainingRun[]
  params: ComparedEntry<string>[]
  tags: ComparedEntry<string>[]
  metrics: ComparedEntry<number | string>[]
}

/** Values in the order of the runs; null where a run has none. */
export interface ComparedEntry<Value> {
  key: string
  values: (Value | null)[]
  differs: boolean
}

export type RunEvent =
  | { event: 'run'; data: TrainingRun }
  | { event: 'metrics'; data: (Metric & { points: number })[] }
  | { event: 'end'; data: { status: TrainingRunStatus; lifecycleStage: 'active' | 'deleted' } }

/** A model that a run has logged. */
export interface LoggedModel {
  id: string
  experimentId: string
  name: string
  modelType: string | null
  sourceRun: string | null
  artifactUri: string
  status: 'PENDING' | 'READY' | 'UPLOAD_FAILED'
  statusMessage: string | null
  lifecycleStage: 'active' | 'deleted'
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
  deletedAt: number | null
}

export interface LoggedModelDetail extends LoggedModel {
  params: Record<string, string>
  tags: Record<string, string>
  metrics: (Metric & { run: string; dataset: { name: string; digest: string } | null })[]
}
