export { createImportedServices, type ImportedService, type ImportedServices } from './imported-services.ts'
export { importRoutes } from './routes.ts'
