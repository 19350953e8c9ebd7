export { createServingMetrics, type ServingMetrics } from './metrics.ts'
export { servingRoutes } from './routes.ts'
export { createServingService } from './service.ts'
export { releaseStep } from './steps.ts'
