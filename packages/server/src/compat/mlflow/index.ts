export { mlflowRoutes } from './routes.ts'
