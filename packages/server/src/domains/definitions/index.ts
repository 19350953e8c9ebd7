export { versionOf } from './definition.ts'
export { columnsOfDataset, type Lookup, requestSchema } from './references.ts'
export { definitionRoutes } from './routes.ts'
export { createDefinitionService, type DefinitionDeps, type DefinitionService } from './service.ts'
