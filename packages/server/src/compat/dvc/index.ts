export { dvcRemoteRoutes } from './routes.ts'
