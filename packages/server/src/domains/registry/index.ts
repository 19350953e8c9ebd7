export type {
  EndpointUse,
  LoggedModelFacts,
  ModelFolder,
  RegistryLinks,
  RunFacts,
} from './links.ts'
export { type ModelManifest, manifestOf, readManifest } from './manifest.ts'
export { completeModels } from './model-store.ts'
export type {
  GateResult,
  Lineage,
  LineageQuery,
  ModelVersion,
  RegisteredModel,
  Stage,
  VersionRef,
  VersionStatus,
} from './model-version.ts'
export { checkModelName } from './names.ts'
export { registryRoutes } from './routes.ts'
export { createRegistryService, type RegistryService } from './service.ts'
export type { RegistryTables } from './tables.ts'
export { completeVersions } from './version-store.ts'
