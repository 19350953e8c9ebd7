export { runArtifactRoutes } from './artifact-routes.ts'
export { trackingRoutes } from './routes.ts'
export type { Run } from './run.ts'
export { createTrackingService, type TrackingService } from './service.ts'
