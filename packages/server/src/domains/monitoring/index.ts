export { createReferenceReader } from './reference.ts'
export { monitoringRoutes } from './routes.ts'
export { createMonitoringService } from './service.ts'
