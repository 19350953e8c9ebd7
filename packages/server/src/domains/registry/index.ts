export type { CheckReport, CheckResult, ModelChecks } from './checks/check.ts'
export type { Difference, VersionComparison } from './comparison.ts'
export type { VersionLineage } from './lineage.ts'
export type {
  EndpointUse,
  LoggedModelFacts,
  ModelFolder,
  RegistryLinks,
  RunFacts,
} from './links.ts'
export { type ModelManifest, manifestOf, readManifest, specOf } from './manifest.ts'
export { createModelFolders } from './model-folder.ts'
export type { ModelSpec } from './model-spec.ts'
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
export { createNamedLookup, type NamedLookup } from './named.ts'
export { checkModelName } from './names.ts'
export type { AliasMove, SetAliasInput, StageMove, TransitionInput } from './pointer.ts'
export type { CreateVersionInput, RegisterVersionInput } from './registration.ts'
export {
  createRegistryImport,
  type ImportedModel,
  type ImportedVersion,
  type RegistryImport,
} from './registry-import.ts'
export { registryRoutes } from './routes.ts'
export { registrySearchRoutes } from './search/routes.ts'
export { createRegistrySearch, type RegistrySearch } from './search/service.ts'
export { createRegistryService, type RegistryService } from './service.ts'
export type { RegistryTables } from './tables.ts'
export type { ChangeKind, VersionChange } from './version-label.ts'
export { completeVersions } from './version-store.ts'
