export type { MlflowDeps, MlflowSearch } from './deps.ts'
export { mlflowRoutes } from './routes.ts'
