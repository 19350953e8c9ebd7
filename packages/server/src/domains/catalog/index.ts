export { catalogRoutes } from './routes.ts'
export { createCatalogService } from './service.ts'
