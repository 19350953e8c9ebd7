export { feastImportRoutes } from './import-routes.ts'
export { feastRoutes } from './routes.ts'
