export { garbageRoutes } from './routes.ts'
export { createGarbageService, type GarbageReport, type GarbageService } from './service.ts'
