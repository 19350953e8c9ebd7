import { join } from 'node:path'
import { fail } from '@millrace/protocol'
import { columnsOfDataset } from '../definitions/index.ts'
import { openBase } from './base-parts.ts'
import { addFiles } from './column-totals.ts'
import { compactParts } from './compact-parts.ts'
import { type DatasetVersion, datasetVersionId } from './dataset-version.ts'
import type { Addition } from './ingest-append.ts'
import { judge } from './ingest-judge.ts'
import { type WrittenRows, writeRows } from './ingest-rows.ts'
import { addIngest } from './ingest-store.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { partsRelation } from './part.ts'
import { addParts, addReadFiles, copyReadFiles } from './part-store.ts'
import { addRejectedFile } from './rejected-store.ts'
import { statisticsOf } from './statistics.ts'
import { addValidation, addVersion, type DataTables, findLatest, findVersion, makeLatest } from './store.ts'
import { keepTotals } from './totals-store.ts'
import { openTotals } from './version-totals.ts'

/**
 * Reads the files as a new part, checks it together with the parts of the base and registers the version.
 *
 * The part is put into the content store before the one transaction that registers everything. A crash in between
 * leaves a content of which there is no row in `dataset_version_parts`: that, and its age, is how it is told to be
 * garbage. The folder for temporary data is nobody's after a crash.
 * @returns undefined if what is appended to is not the latest version any more
 */
export async function registerVersion(
  deps: IngestDeps,
  ingestion: Ingestion,
  { inputs, base, files }: Addition & { inputs: string },
): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, expectationsHash, salt, source, onProgress, signal } = ingestion
  const dataset = definition.name
  const schema = columnsOfDataset(definition)
  const tables = () => deps.db.tables<DataTables>()
  const path = join(ingestion.scratch, 'part.parquet')
  const opened = await openBase(deps, ingestion, base)
  onProgress?.({ fraction: 0.1, message: `reading and sorting ${source.path}` })
  const { part: written, rejected }: WrittenRows =
    files.length === 0
      ? { part: undefined }
      : await writeRows(deps, ingestion, { files, before: opened.files, path })
  // A part is in a version once: rows that came again, as another file, are no new ones.
  const isKnown =
    written &&
    (base?.read.has(written.digest) || opened.parts.some(({ digest }) => digest === written.digest))
  const added = isKnown ? undefined : written
  const { isCompacted, ...kept } = added
    ? await compactParts(deps, ingestion, opened)
    : { ...opened, isCompacted: false }
  const { parts: known, files: partFiles } = kept
  const parts = added ? [...known, added] : known
  if (parts.length === 0) throw fail('dataset.source_empty', { dataset, path: source.path })
  const allFiles = added ? [...partFiles, { path, rows: added.rows }] : partFiles
  const version = datasetVersionId(schema, parts)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)

  const { length } = ingestion.expectations
  onProgress?.({ fraction: 0.5, message: `checking ${length} expectations on ${rows} rows` })
  const totals = await openTotals(deps, base, schema)
  const before = added && !isCompacted ? totals.before : undefined
  const { validation, totals: rowTotals } = await judge(deps, ingestion, {
    version,
    schema,
    relation: partsRelation(allFiles, { rowNumbers: true }),
    ...(before && {
      added: {
        relation: partsRelation(allFiles.slice(-1), { rowNumbers: true }),
        rowsBefore: rows - allFiles[allFiles.length - 1].rows,
        before: before.rows,
      },
    }),
    isRegistered: false,
  })

  const existing = await findVersion(tables(), dataset, version)
  if (!existing) onProgress?.({ fraction: 0.7, message: 'taking statistics' })
  const all = allFiles.map((file) => file.path)
  const read = { before: before?.columns, files: before ? [path] : all, schema }
  const columnTotals = existing ? undefined : await addFiles(deps.lake, read, { signal })
  const registered: DatasetVersion = existing ?? {
    dataset,
    version,
    definition: definitionHash,
    ...(base && { base: base.version.version }),
    source: {
      path: source.path,
      digest: source.digest,
      bytes: source.bytes,
      ...(ingestion.cause && { cause: ingestion.cause }),
    },
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    rows,
    partCount: parts.length,
    schema,
    statistics: await statisticsOf(deps.lake, { totals: columnTotals ?? [], files: all, schema }, { signal }),
    validation: validation.id,
    createdAt: deps.clock.now(),
  }
  if (added) {
    const { digest } = await deps.content.putFile(path)
    if (digest !== added.digest) throw fail('storage.conflict', { what: `The file ${path}` })
  }
  for (const one of kept.written) await deps.content.putFile(one.path)
  const aside = rejected && { ...(await deps.content.putFile(rejected.path)), rows: rejected.rows }
  signal?.throwIfAborted()
  const isRegistered = await deps.db.transaction<DataTables, boolean>(async (trx) => {
    if (ingestion.mode === 'append') {
      const latest = await findLatest(trx, dataset)
      if (latest?.version !== base?.version.version) return false
    }
    await addValidation(trx, validation)
    if (await addVersion(trx, registered)) await addParts(deps.db, trx, { dataset, version, parts })
    else await makeLatest(trx, registered)
    if (columnTotals) await keepTotals(trx, { dataset, version }, totals.with(columnTotals, rowTotals))
    // Files without a new row are known as well: they were read when the last part was the last one.
    const part = parts[parts.length - 1].digest
    await addReadFiles(deps.db, trx, { dataset, part, files })
    for (const { from, part } of kept.written)
      await copyReadFiles(deps.db, trx, { dataset, from, to: part.digest })
    if (aside) {
      const { digest, size: bytes, rows } = aside
      await addRejectedFile(trx, { dataset, version, digest, bytes, rows, now: deps.clock.now() })
    }
    const terms = { definition: definitionHash, expectations: expectationsHash, salt }
    await addIngest(trx, { dataset, inputs, version, ...terms, now: deps.clock.now() })
    return true
  })
  if (!isRegistered) return undefined
  const without = rejected ? `, ${rejected.rows} kept aside` : ''
  onProgress?.({ fraction: 1, message: `registered version ${version} with ${rows} rows${without}` })
  return registered
}
