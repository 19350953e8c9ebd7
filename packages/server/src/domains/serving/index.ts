export { createServingMetrics, type ServingMetrics } from './metrics.ts'
export { servingRoutes } from './routes.ts'
export { createServingService, type ServingService } from './service.ts'
export { releaseStep } from './steps.ts'
