export type { ArtifactContent, ArtifactEntry, ArtifactFile } from './artifacts.ts'
export type { AuditEvent } from './audit.ts'
export type {
  FeatureDetail,
  FeatureEntry,
  FeatureFilter,
  LineageGraph,
  LineageKind,
  LineageNode,
  LineageOptions,
} from './catalog.ts'
export { type Client, createClient } from './client.ts'
export type {
  ConsistencyCheck,
  ConsistencyInput,
  FeatureConsistency,
  ServiceConsistencyCheck,
} from './consistency.ts'
export type {
  ColumnStatistics,
  DatasetLogEntry,
  DatasetPart,
  DatasetSummary,
  DatasetVersion,
  DatasetVersionUse,
  IngestCause,
  LeakageFinding,
  PrunedDataset,
  RejectedRow,
  SetMember,
  TrainingSet,
  TrainingSetSummary,
} from './data.ts'
export type { ApplyInput, ApplyResult, DefinitionChange, StoredDefinition } from './definitions.ts'
export type {
  Contribution,
  ExplainedPrediction,
  ExplainOptions,
  Explanation,
  ScoreExplanation,
} from './explanations.ts'
export type {
  AcceptedEvents,
  EntityRows,
  FeatureColumns,
  FeatureProfile,
  FeatureRow,
  FeatureSelection,
  FeatureStatus,
  Materialization,
  MaterializationStatus,
  MaterializeInput,
  OnlineFeatures,
  Pushed,
  PushInput,
  RunningMaterialization,
  StreamStatus,
  Topic,
  ViewProfile,
} from './features.ts'
export type {
  DvcOutput,
  FileChange,
  FileEntry,
  FileSetDiff,
  FileSetSummary,
  FileSetVersion,
  TagMove,
} from './file-sets.ts'
export type { GarbageReport } from './garbage.ts'
export type {
  FeastImport,
  ImportedExperiment,
  ImportedFile,
  ImportedLoggedModel,
  ImportedModel,
  ImportedRun,
  ImportedVersion,
  ImportOutcome,
  ImportPage,
  LoggedModelPoint,
  MetricPoint,
} from './imports.ts'
export type {
  CalibrationAlert,
  CalibrationSums,
  ColumnDrift,
  MonitorDecision,
  MonitorWindow,
} from './monitoring.ts'
export type { Note, NoteSubject, NoteVersion, WriteNoteInput } from './notes.ts'
export type { Page, PageInput } from './page.ts'
export type {
  LogLine,
  PipelineRun,
  PipelineRunDetail,
  RunState,
  RunStep,
  ScheduledPipeline,
  StartInput,
  StepError,
  StepState,
  WaitOptions,
} from './pipelines.ts'
export type {
  AliasMove,
  CheckReport,
  Difference,
  Lineage,
  ModelChange,
  ModelChecks,
  ModelField,
  ModelStage,
  ModelVersion,
  RegisteredModel,
  RegisterInput,
  StageMove,
  VersionComparison,
  VersionLineage,
  VersionOrigin,
} from './registry.ts'
export type {
  FoundLoggedModel,
  ParameterImportance,
  SearchInput,
  SearchLoggedModelsInput,
  SearchPage,
  SearchRunsInput,
} from './search.ts'
export type {
  AnomalyPrediction,
  ClassPrediction,
  ClusterPrediction,
  DeployInput,
  EndpointDetail,
  EndpointLog,
  EndpointRevision,
  EndpointStatus,
  Feedback,
  FlagPrediction,
  NumberPrediction,
  PredictedValue,
  PredictInput,
  Prediction,
  RefusedPrediction,
  Rollout,
  RolloutEvaluation,
  RolloutStep,
} from './serving.ts'
export type { LogBatchInput, StartRunInput } from './tracking.ts'
export type {
  ComparedEntry,
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
export type { ClientOptions } from './transport.ts'
export type { ExpectationResult, ValidateInput, Validation } from './validations.ts'
export type { VersionDiff } from './version-diff.ts'
export type { Webhook, WebhookDelivery, WebhookEvent, WebhookInput, WebhookTest } from './webhooks.ts'
