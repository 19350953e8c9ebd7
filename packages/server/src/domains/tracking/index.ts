export { runArtifactRoutes } from './artifact-routes.ts'
export { createRunContentNames } from './content-names.ts'
export { runUses } from './dataset-uses.ts'
export type { Experiment } from './experiment.ts'
export type { ImportedLoggedModel } from './import/imported.ts'
export { createTrackingImport, type TrackingImport } from './import/service.ts'
export type {
  LoggedModelDetail,
  LoggedModelMetric,
} from './logged-model.ts'
export {
  type LoggedMetric,
  type Metric,
  type MetricSeries,
  toWireNumber,
} from './metric.ts'
export { noteTag } from './note-history.ts'
export { createTrackingNoteKeepers } from './note-keepers.ts'
export { createPurgeService, type Purge, type PurgeService } from './purge/purge-service.ts'
export { trackingRoutes } from './routes.ts'
export type { Run, RunDetail } from './run.ts'
export type { GroupMetric, RunGroup } from './run-group.ts'
export { trackingSearchRoutes } from './search/routes.ts'
export { createTrackingSearch, type TrackingSearch } from './search/service.ts'
export { createTrackingService, type TrackingService } from './service.ts'
export type { TrackingTables } from './tables.ts'
