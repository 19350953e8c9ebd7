export { type ImportDeps, importRoutes } from './routes.ts'
