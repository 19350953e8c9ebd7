export { runArtifactRoutes } from './artifact-routes.ts'
export type { Experiment, LifecycleStage, View } from './experiment.ts'
export type { ImportedLoggedModel } from './import/imported.ts'
export { createTrackingImport, type TrackingImport } from './import/service.ts'
export type { DatasetInput, LoggedDataset, ModelOutput } from './input.ts'
export type {
  LoggedModel,
  LoggedModelDetail,
  LoggedModelMetric,
  LoggedModelStatus,
} from './logged-model.ts'
export {
  type LoggedMetric,
  type Metric,
  type MetricSeries,
  type RunMetric,
  type SeriesPixel,
  toWireNumber,
} from './metric.ts'
export { createPurgeService, type Purge, type PurgeService } from './purge/purge-service.ts'
export { trackingRoutes } from './routes.ts'
export type { ComparedEntry, Run, RunComparison, RunDetail, RunStatus } from './run.ts'
export type { ImportantParameter, ParameterImportance } from './search/importance.ts'
export { trackingSearchRoutes } from './search/routes.ts'
export type { SearchExperimentsInput } from './search/search-experiments.ts'
export type { SearchLoggedModelsInput } from './search/search-logged-models.ts'
export type { SearchRunsInput } from './search/search-runs.ts'
export { createTrackingSearch, type TrackingSearch } from './search/service.ts'
export { createTrackingService, type TrackingService } from './service.ts'
export type { TrackingTables } from './tables.ts'
