export { type ModelManifest, readManifest } from './manifest.ts'
export { checkModelName } from './names.ts'
export { registryRoutes } from './routes.ts'
export { createRegistryService, type RegistryService } from './service.ts'
