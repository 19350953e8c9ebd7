export { garbageRoutes } from './routes.ts'
export { createGarbageService } from './service.ts'
