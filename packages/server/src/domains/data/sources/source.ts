import type { CsvOptions, DatasetDefinition, DatasetSource, FileFormat } from '@millrace/protocol'
import type { Clock } from '../../../kernel/clock.ts'
import type { ObjectStore } from '../../../ports/object-store.ts'
import type { QuerySource } from '../../../ports/query-source.ts'
import type { SecretStore } from '../../../ports/secret-store.ts'
import type { DefinitionService } from '../../definitions/index.ts'

export interface SourceFile {
  /** Where it can be read here. */
  path: string
  /** What it is known by wherever the project lies: its path from the project folder, if it is in there; else a URI. */
  name: string
  bytes: number
  digest: string
}

/** Files that an ingestion reads, all of one format. */
export interface Source {
  /** As it was given. */
  path: string
  /** `text-rows`: as {@link writeTextRows} leaves them. */
  format: FileFormat | 'text-rows'
  options?: CsvOptions
  /** Sorted by path. */
  files: SourceFile[]
  bytes: number
  /** Of the one file's bytes; of the list of the files' digests when there are several. */
  digest: string
}

/** What sources reach for beyond local files. */
export interface SourceDeps {
  clock: Clock
  definitions: Pick<DefinitionService, 'loadFunction'>
  /** Where relative paths start: the project folder. */
  baseDir: string
  /** A bucket of the object store that the server knows, to be read. */
  openBucket(bucket: string): Promise<ObjectStore>
  queries: QuerySource
  secrets: SecretStore
  /** What programs that make rows are given of our environment. */
  programEnvironment: Record<string, string>
}

export interface SourceRequest {
  dataset: string
  schema: DatasetDefinition['schema']
  source: DatasetSource
  /** Whether errors must quote nothing that could be a value. */
  hidesValues: boolean
  /** The greatest value of the watermark so far, where rows beyond it are enough: milliseconds or a whole number. */
  after?: { column: string; value: bigint; isTime: boolean }
  /** An empty folder that is removed when the ingestion has ended. */
  scratch: string
  /** Whether code of the project may run in this process. */
  mayRunCode: boolean
  onRead?(rows: number, bytes: number): void
  /** A line that a program printed. */
  onLog?(line: string): void
  signal?: AbortSignal
}
