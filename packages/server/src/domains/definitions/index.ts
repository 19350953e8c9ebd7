export { createBundleLoader } from './bundle.ts'
export {
  columnsOfDataset,
  columnsOfView,
  type Lookup,
  requestSchema,
  spineColumns,
  spineDataset,
} from './columns.ts'
export { createDefinitionContentNames } from './content-names.ts'
export { versionOf } from './definition.ts'
export { definitionRoutes } from './routes.ts'
export { createDefinitionService, type DefinitionDeps, type DefinitionService } from './service.ts'
