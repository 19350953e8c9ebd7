export { createRegistryContentNames } from './content-names.ts'
export { modelVersionUses } from './dataset-uses.ts'
export { createRegistryNoteKeepers } from './descriptions.ts'
export type { EndpointUse, RegistryLinks } from './links.ts'
export {
  areFlags,
  isUnlabelled,
  type ModelManifest,
  manifestOf,
  readManifest,
  specOf,
} from './manifest.ts'
export { createModelFolders } from './model-folder.ts'
export type { ModelSource } from './model-source.ts'
export type { ModelVersion, RegisteredModel, Stage } from './model-version.ts'
export { createNamedLookup, type NamedLookup } from './named.ts'
export { checkModelName } from './names.ts'
export { inputTypes, type OnnxBinding, type OnnxInputType } from './onnx-binding.ts'
export type { AliasMove } from './pointer.ts'
export {
  createRegistryImport,
  type RegistryImport,
} from './registry-import.ts'
export { registryRoutes } from './routes.ts'
export { registrySearchRoutes } from './search/routes.ts'
export { createRegistrySearch, type RegistrySearch } from './search/service.ts'
export { createRegistryService, type RegistryService } from './service.ts'
