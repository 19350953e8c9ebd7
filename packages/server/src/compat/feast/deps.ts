import type { DataService } from '../../domains/data/index.ts'
import type { DefinitionService } from '../../domains/definitions/index.ts'
import type { FeatureService } from '../../domains/features/index.ts'
import type { ImportedServices } from '../../domains/imports/index.ts'
import type { Logger } from '../../kernel/logger.ts'

/** What Feast's calls are translated to. */
export interface FeastDeps {
  /** Feature services that came from Feast. */
  importedServices: ImportedServices
  logger: Logger
  definitions: DefinitionService
  data: Pick<DataService, 'ingest' | 'listVersions'>
  features: Pick<FeatureService, 'openSelection' | 'push' | 'writeValues' | 'materialize'>
}
