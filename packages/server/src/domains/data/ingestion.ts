import type { DatasetDefinition, IngestMode } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { Lake } from '../../ports/lake.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { Source } from './source.ts'

export interface IngestInput {
  dataset: string
  /** Instead of the definition's; relative ones start at the project folder. */
  path?: string
  /** Instead of the definition's: the source as a whole, or what is new in it after the latest version. */
  mode?: IngestMode
  onProgress?(progress: { fraction: number; message: string }): void
  signal?: AbortSignal
}

export interface IngestDeps {
  db: Database
  content: ContentStore
  lake: Lake
  clock: Clock
  definitions: Pick<DefinitionService, 'get' | 'getVersion' | 'list'>
  /** Where relative source paths start: the project folder. */
  baseDir: string
  tempDir: string
}

/** One ingestion, resolved. */
export interface Ingestion extends Pick<IngestInput, 'onProgress' | 'signal'> {
  definition: DatasetDefinition
  definitionHash: string
  mode: IngestMode
  source: Source
}
