import type { Page, PageInput } from '../../kernel/paging.ts'
import type { LifecycleStage, View } from './experiment.ts'
import type { Metric } from './metric.ts'

export const loggedModelStatuses = ['PENDING', 'READY', 'UPLOAD_FAILED'] as const
export type LoggedModelStatus = (typeof loggedModelStatuses)[number]

/** A model that a run has made, with files of its own, before and beside the registry. */
export interface LoggedModel {
  /** `m-` and 32 hex digits. */
  id: string
  experimentId: string
  /** Not unique. */
  name: string
  modelType: string | null
  sourceRun: string | null
  artifactUri: string
  status: LoggedModelStatus
  statusMessage: string | null
  lifecycleStage: LifecycleStage
  /** Milliseconds. */
  createdAt: number
  updatedAt: number
  deletedAt: number | null
}

/** A value measured of a model, by a run and maybe on a dataset. */
export interface LoggedModelMetric extends Metric {
  run: string
  dataset: { name: string; digest: string } | null
}

export interface LoggedModelDetail extends LoggedModel {
  params: Record<string, string>
  tags: Record<string, string>
  /** The latest value of each key, run and dataset. */
  metrics: LoggedModelMetric[]
}

export interface CreateLoggedModelInput {
  experimentId: string
  /** Keeps an id from elsewhere: `m-…`. */
  id?: string
  /** Random without one. */
  name?: string
  modelType?: string
  sourceRun?: string
  params?: Record<string, string>
  tags?: Record<string, string>
  /** As an import has it; PENDING and now by default. */
  status?: LoggedModelStatus
  createdAt?: number
}

export interface LoggedModelService {
  /** @throws `experiment.not_found`, `experiment.deleted`, `run.not_found`, `logged_model.entry_invalid`, `logged_model.exists` */
  createLoggedModel(input: CreateLoggedModelInput): Promise<LoggedModelDetail>
  /** @throws `logged_model.not_found`, for a deleted one unless `allowDeleted` */
  getLoggedModel(id: string, options?: { allowDeleted?: boolean }): Promise<LoggedModelDetail>
  /** Newest first; the active ones unless `view` says otherwise. */
  listLoggedModels(
    filter: { experiment?: string; run?: string; view?: View },
    page?: PageInput,
  ): Promise<Page<LoggedModel>>
  /** @throws `logged_model.not_found` */
  setLoggedModelStatus(
    id: string,
    to: { status: LoggedModelStatus; message?: string },
  ): Promise<LoggedModelDetail>
  /** Restorable. @throws `logged_model.not_found`, also for a deleted one */
  deleteLoggedModel(id: string): Promise<void>
  /** Repeatable. @throws `logged_model.not_found` */
  restoreLoggedModel(id: string): Promise<void>
  /** @throws `logged_model.not_found`, `logged_model.entry_invalid` */
  setLoggedModelTags(id: string, tags: Record<string, string>): Promise<void>
  /** @throws `logged_model.not_found`, `logged_model.tag_not_found` */
  deleteLoggedModelTag(id: string, key: string): Promise<void>
  /** The same value again is fine. @throws `logged_model.not_found`, `logged_model.entry_invalid`, `logged_model.param_conflict` */
  logLoggedModelParams(id: string, params: Record<string, string>): Promise<void>
}
