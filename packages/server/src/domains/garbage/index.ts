export { createContentGarbage } from './contents.ts'
export { garbageRoutes } from './routes.ts'
export { createGarbageService } from './service.ts'
