import type { Page, PageInput } from '../../kernel/paging.ts'
import type { LifecycleStage, View } from './experiment.ts'
import type { DatasetInput, ModelOutput } from './input.ts'
import type { LoggedMetric, Metric } from './metric.ts'

export const runStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const
export type RunStatus = (typeof runStatuses)[number]
export type EndedStatus = Exclude<RunStatus, 'RUNNING' | 'SCHEDULED'>

export function isEnded(status: RunStatus): status is EndedStatus {
  return status !== 'RUNNING' && status !== 'SCHEDULED'
}

/** One execution that is worth remembering: what went in, what was measured, what came out. */
export interface Run {
  /** 32 hex digits that sort by creation; runs from elsewhere keep their own. */
  id: string
  experimentId: string
  name: string
  user: string
  status: RunStatus
  lifecycleStage: LifecycleStage
  /** URI of its artifact folder. */
  artifactUri: string
  /** Milliseconds. */
  startedAt: number
  endedAt: number | null
  deletedAt: number | null
}

export interface RunDetail extends Run {
  /** Null where it is in none; `run-group.ts` says what it is. */
  group: string | null
  params: Record<string, string>
  tags: Record<string, string>
  /** The latest value of each metric, by key. */
  metrics: Metric[]
  inputs: DatasetInput[]
  /** Ids of logged models. */
  modelInputs: string[]
  modelOutputs: ModelOutput[]
}

export interface CreateRunInput {
  /** Name of the experiment; made if it does not exist. */
  experiment?: string
  /** Instead of its name: the id of an experiment that exists. Without both it is `Default`. */
  experimentId?: string
  /** The same key gives the same run; one that had failed or was killed is running again. */
  key?: string
  /** Keeps an id from elsewhere: letters, digits, `_` and `-`. */
  id?: string
  /** Without one it is that of the tag `mlflow.runName`, or `adjective-animal-number`. */
  name?: string
  user?: string
  /** Milliseconds; now by default. */
  startedAt?: number
  status?: RunStatus
  /** The group that it belongs to; without one it is that of the tag `millrace.runGroup`, if any. */
  group?: string
  tags?: Entries
}

/** Keys and values, as an object or one by one. */
export type Entries = Record<string, string> | readonly { key: string; value: string }[]

export interface LogBatchInput {
  run: string
  params?: Entries
  metrics?: readonly LoggedMetric[]
  /** The last value of a key counts. */
  tags?: Entries
  /** What happens to values of parameters (over 6000) and tags (over 8000 characters) that are too long; refused by default. */
  longValues?: 'refuse' | 'truncate'
  /** Who edits the note, if its tag is among them. */
  by?: string
}

export interface UpdateRunInput {
  status?: RunStatus
  /** Milliseconds; without it ending a run sets the time of now. */
  endedAt?: number
  name?: string
  /** Null takes the run out of its group. */
  group?: string | null
}

/** The tag that is the run's name: setting one sets the other. */
export const runNameTag = 'mlflow.runName'

export interface RunListFilter {
  experiment?: string
  view?: View
  /** Only the runs of this group. */
  group?: string
}

export interface RunService {
  /**
   * @throws `experiment.not_found`, `experiment.deleted`, `run.exists` for an own id that is taken,
   *   `run.entry_invalid`, also if name and tag `mlflow.runName` or group and tag
   *   `millrace.runGroup` differ
   */
  createRun(input: CreateRunInput): Promise<Run>
  /** Deleted ones too. @throws `run.not_found` */
  getRun(run: string): Promise<RunDetail>
  /** The run alone, deleted ones too. @throws `run.not_found` */
  getRunInfo(run: string): Promise<Run>
  /** Newest first; of all experiments without `experiment` (an id); the active ones unless `view` says otherwise. */
  listRuns(filter: RunListFilter, page?: PageInput): Promise<Page<Run>>
  /** Changes what is given. @throws `run.not_found`, `run.deleted`, `run.entry_invalid` */
  updateRun(run: string, change: UpdateRunInput): Promise<Run>
  /** Ends a run. To end it again in the same way changes nothing. @throws `run.not_found`, `run.deleted` */
  finishRun(run: string, status: EndedStatus): Promise<void>
  /** Restorable; repeatable. @throws `run.not_found` */
  deleteRun(run: string): Promise<void>
  /** Repeatable. @throws `run.not_found`, `experiment.deleted` */
  restoreRun(run: string): Promise<void>
  /**
   * Adds everything or nothing, in one transaction. Parameters never change: the same value again is fine, another one
   * is refused. Tags are replaced; `mlflow.runName` renames the run. An exact repeat of a metric value counts once, NaN
   * too.
   * @throws `run.not_found`, `run.deleted`, `run.param_conflict`, `run.param_duplicate`, `run.entry_invalid`,
   *   `logged_model.not_found` for a metric of a model that does not exist
   */
  logBatch(batch: LogBatchInput): Promise<void>
  /** @throws `run.not_found`, `run.deleted`, `run.tag_not_found` */
  deleteRunTag(run: string, key: string, by?: string): Promise<void>
  /**
   * Side by side: every parameter, tag and latest metric of the runs with its values in the order of `runs`, null where
   * a run has none, and whether they differ.
   * @throws `run.not_found`; `request.invalid` unless 1 to 100 runs are given
   */
  compareRuns(runs: readonly string[]): Promise<RunComparison>
}

export interface RunComparison {
  runs: Run[]
  params: ComparedEntry<string>[]
  tags: ComparedEntry<string>[]
  metrics: ComparedEntry<number>[]
}

export interface ComparedEntry<Value> {
  key: string
  values: (Value | null)[]
  differs: boolean
}
