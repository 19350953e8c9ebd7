export type { Metric } from './metric.ts'
export { trackingRoutes } from './routes.ts'
export type { Artifact, Experiment, Run, RunDetail } from './run.ts'
export { createTrackingService, type TrackingService } from './service.ts'
