import { fail } from '@millrace/protocol'
import type { DatasetVersion } from './dataset-version.ts'
import { type Evolution, planEvolution } from './evolution.ts'
import { findRowsTerms } from './ingest-store.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import type { Part } from './part.ts'
import { findReadFiles, listParts } from './part-store.ts'
import type { SourceFile } from './sources/source.ts'
import type { DataTables } from './store.ts'

/** What an ingestion reads, and the version whose parts it goes on with. */
export interface Addition {
  base:
    | {
        version: DatasetVersion
        parts: Part[]
        /** Digests of files, and of parts that were written into others, whose rows are there. */
        read: ReadonlySet<string>
        evolution?: Evolution
      }
    | undefined
  files: SourceFile[]
}

/**
 * The files of the source that the latest version has no rows of. A file is known by its bytes: one that was moved or
 * copied is not read again.
 * @throws `dataset.evolution_refused`, `dataset.append_refused` if the rows that are there mean something else than new ones would;
 * `dataset.source_changed` for a file that was read and is another one now, unless a watermark tells its new rows
 */
export async function findAddition(
  deps: IngestDeps,
  { definition, salt, source }: Ingestion,
  version: DatasetVersion,
): Promise<Addition> {
  const { dataset } = version
  const tables = deps.db.tables<DataTables>()
  const terms = await findRowsTerms(tables, version)
  const made = await deps.definitions.getVersion('dataset', dataset, terms?.definition ?? version.definition)
  const evolution = planEvolution(made, definition, version.version)
  if (salt !== undefined && terms?.salt && terms.salt !== salt)
    throw fail('dataset.append_refused', {
      dataset,
      version: version.version,
      changed: `the salt of its hashes`,
    })
  const parts = await listParts(tables, version)
  const read = await findReadFiles(tables, version)
  const digests = new Set(read.map(({ digest }) => digest))
  const paths = new Set(read.map(({ path }) => path))
  const files = source.files.filter(({ digest }) => !digests.has(digest))
  const replaced = files.find(({ name }) => paths.has(name))
  if (replaced && definition.watermark === undefined) {
    throw fail('dataset.source_changed', { dataset, path: replaced.name, version: version.version })
  }
  return { base: { version, parts, read: digests, ...(evolution && { evolution }) }, files }
}
