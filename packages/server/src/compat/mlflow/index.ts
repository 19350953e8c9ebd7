export { type MlflowDeps, mlflowRoutes } from './routes.ts'
