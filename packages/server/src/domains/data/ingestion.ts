import type { DatasetDefinition, Expectation, FileFormat, IngestMode } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { Lake } from '../../ports/lake.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { IngestCause } from './dataset-version.ts'
import type { Source, SourceDeps } from './sources/source.ts'

export interface IngestInput {
  dataset: string
  /** Instead of the definition's; relative ones start at the project folder. */
  path?: string
  /** A file that comes with the call, instead of the definition's source. */
  upload?: Upload
  /** Of `path` or `upload`, where it is not that of the definition or, without one, what the name says. */
  format?: FileFormat
  /** Instead of the definition's: the source as a whole, or what is new in it after the latest version. */
  mode?: IngestMode
  /** Of `path`, where it is not the source that is read; an upload says so itself. */
  cause?: IngestCause
  /** Whether code of the project may run in this process. Default: false. */
  mayRunCode?: boolean
  onProgress?(progress: { fraction: number; message: string }): void
  /** What a program that makes the rows prints, by line. */
  onLog?(line: string): void
  signal?: AbortSignal
}

export interface Upload {
  body: AsyncIterable<Uint8Array>
  /** The name of the file where it came from. */
  name: string
}

export interface IngestDeps extends SourceDeps {
  db: Database
  content: ContentStore
  lake: Lake
  clock: Clock
  definitions: Pick<DefinitionService, 'get' | 'getVersion' | 'list' | 'loadFunction'>
  tempDir: string
}

/** One ingestion, resolved. */
export interface Ingestion extends Pick<IngestInput, 'onProgress' | 'signal' | 'cause'> {
  definition: DatasetDefinition
  definitionHash: string
  /** The definition's, and those that the platform itself needs. */
  expectations: readonly Expectation[]
  expectationsHash: string
  /** Names the salt of hashes of personal data, where there are some. */
  salt: string | undefined
  mode: IngestMode
  source: Source
  /** Folder of this ingestion alone, removed at its end. */
  scratch: string
}
