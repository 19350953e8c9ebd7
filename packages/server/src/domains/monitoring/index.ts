export { createReferenceReader } from './reference.ts'
export { monitoringRoutes } from './routes.ts'
export { createMonitoringService, type MonitoringService, type ServedWindow } from './service.ts'
export type { Reference } from './window.ts'
