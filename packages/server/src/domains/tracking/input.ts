/** Data that a run names, by name and digest; described by whoever names it first in an experiment. */
export interface LoggedDataset {
  name: string
  digest: string
  sourceType: string
  source: string
  schema: string | null
  profile: string | null
}

export interface DatasetInput {
  dataset: LoggedDataset
  /** e.g. `mlflow.data.context`: training */
  tags: Record<string, string>
}

export interface ModelOutput {
  /** Id of the logged model. */
  model: string
  step: number
}

export interface LogInputsInput {
  run: string
  datasets?: readonly {
    dataset: Omit<LoggedDataset, 'schema' | 'profile'> & { schema?: string | null; profile?: string | null }
    tags?: Record<string, string>
  }[]
  /** Ids of logged models. */
  models?: readonly string[]
}

/** What went into runs and what came out of them. */
export interface InputService {
  /**
   * Adds everything or nothing. A dataset that the run has already is left as it is, with its tags.
   * @throws `run.not_found`, `run.deleted`, `run.entry_invalid`
   */
  logInputs(inputs: LogInputsInput): Promise<void>
  /** Repeatable. @throws `run.not_found`, `run.deleted`, `run.entry_invalid` */
  logOutputs(run: string, models: readonly ModelOutput[]): Promise<void>
  /** The datasets of experiments with the contexts in which their active runs use them; at most 1000. */
  summarizeDatasets(experiments: readonly string[]): Promise<DatasetSummary[]>
}

export interface DatasetSummary {
  experimentId: string
  name: string
  digest: string
  /** The tag `mlflow.data.context` of the input. */
  context: string | null
}
