export { type Client, createClient } from './client.ts'
export type { ColumnStatistics, DatasetVersion, Validation } from './data.ts'
export type { ApplyInput, ApplyResult, DefinitionChange, StoredDefinition } from './definitions.ts'
export type {
  Artifact,
  Experiment,
  MetricPoint,
  ModelVersion,
  RegisteredModel,
  TrainingRun,
} from './models.ts'
export type { CalibrationAlert, ColumnDrift, MonitorDecision, MonitorWindow } from './monitoring.ts'
export type { Page, PageInput } from './page.ts'
export type {
  LogLine,
  PipelineRun,
  PipelineRunDetail,
  RunState,
  RunStep,
  StartInput,
  StepError,
  StepState,
  WaitOptions,
} from './pipelines.ts'
export type {
  EndpointRevision,
  EndpointStatus,
  Feedback,
  PredictInput,
  Prediction,
  RefusedPrediction,
  Rollout,
  RolloutStep,
} from './serving.ts'
export type { ClientOptions } from './transport.ts'
