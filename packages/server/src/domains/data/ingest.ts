import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, type DatasetSource, fail } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import { versionOf } from '../definitions/index.ts'
import type { DatasetVersion } from './dataset-version.ts'
import { type Addition, findAddition } from './ingest-append.ts'
import { createProgress } from './ingest-progress.ts'
import { registerVersion } from './ingest-register.ts'
import { findIngest, hasIngest } from './ingest-store.ts'
import type { IngestDeps, IngestInput, Ingestion } from './ingestion.ts'
import { formatOf } from './sources/file-format.ts'
import { openSource } from './sources/open-source.ts'
import { receiveUpload } from './sources/receive-upload.ts'
import type { Source, SourceRequest } from './sources/source.ts'
import { type DataTables, findLatest, findVersion, makeLatest } from './store.ts'

/** Registers a source as a version, or finds the one that it gave before. */
export async function ingest(deps: IngestDeps, input: IngestInput): Promise<DatasetVersion> {
  const definition = await deps.definitions.get('dataset', input.dataset)
  await mkdir(deps.tempDir, { recursive: true })
  const folder = await mkdtemp(join(deps.tempDir, 'ingest-'))
  try {
    const uploaded = input.upload && (await receiveUpload(definition, input, join(folder, 'upload')))
    for (;;) {
      input.signal?.throwIfAborted()
      const registered = await attempt(deps, input, { definition, folder, uploaded })
      // Another append came in between: what is new is to be found out again, after its rows.
      if (registered) return registered
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    throw fail('storage.full', { what: `temporary data of dataset "${definition.name}"` }, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function attempt(
  deps: IngestDeps,
  input: IngestInput,
  { definition, folder, uploaded }: { definition: DatasetDefinition; folder: string; uploaded?: Source },
): Promise<DatasetVersion | undefined> {
  const { onProgress, signal } = input
  const mode = input.mode ?? definition.mode ?? 'replace'
  const scratch = await mkdtemp(join(folder, 'attempt-'))
  const base = mode === 'append' ? await findLatest(deps.db.tables<DataTables>(), definition.name) : undefined
  const source =
    uploaded ??
    (await openSource(deps, {
      dataset: definition.name,
      schema: definition.schema,
      source: sourceOf(definition, input),
      after: base && watermarkOf(definition, base),
      scratch,
      mayRunCode: input.mayRunCode ?? false,
      onRead: createProgress(deps.clock, onProgress),
      signal,
    }))
  const ingestion: Ingestion = {
    definition,
    definitionHash: versionOf(definition),
    mode,
    source,
    scratch,
    onProgress,
    signal,
  }
  return mode === 'append' ? append(deps, ingestion, base) : replace(deps, ingestion)
}

/** The definition's source, or the given path as files of its format. */
function sourceOf(definition: DatasetDefinition, { path, format }: IngestInput): DatasetSource {
  const { source } = definition
  if (path === undefined) {
    if (format === undefined || format === source.format) return source
    throw fail('request.invalid', { reason: 'the format goes with a path or an upload' })
  }
  const wanted = format ?? ('path' in source ? source.format : formatOf(definition.name, path))
  if (wanted === 'csv') {
    const options = source.format === 'csv' ? source.options : undefined
    return { format: wanted, path, ...(options && { options }) }
  }
  return { format: wanted, path }
}

/** The greatest watermark of a version, where the source can tell what is beyond it. */
function watermarkOf(
  { watermark, schema }: DatasetDefinition,
  { statistics }: DatasetVersion,
): SourceRequest['after'] {
  if (watermark === undefined || !Object.hasOwn(schema, watermark)) return undefined
  const value = statistics[watermark]?.max
  if (typeof value !== 'number') return undefined
  // Statistics know times to the millisecond.
  return { column: watermark, value: Math.floor(value), isTime: schema[watermark] === 'timestamp' }
}

async function replace(deps: IngestDeps, ingestion: Ingestion): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, source } = ingestion
  const inputs = sha256(canonicalJson({ source: source.digest, definition: definitionHash }))
  const known = await findKnown(deps, definition.name, inputs)
  if (known) {
    await deps.db.transaction<DataTables, void>((trx) => makeLatest(trx, known))
    return known
  }
  return registerVersion(deps, ingestion, { inputs, base: undefined, files: source.files })
}

async function append(
  deps: IngestDeps,
  ingestion: Ingestion,
  base: DatasetVersion | undefined,
): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, source } = ingestion
  const tables = deps.db.tables<DataTables>()
  const inputs = sha256(
    canonicalJson({ source: source.digest, definition: definitionHash, appendTo: base?.version ?? null }),
  )
  const known = await findKnown(deps, definition.name, inputs)
  if (known) return (await takeUp(deps, known, base)) ? known : undefined
  const addition: Addition = base
    ? await findAddition(deps, ingestion, base)
    : { base: undefined, files: source.files }
  if (
    addition.base &&
    addition.files.length === 0 &&
    (await hasIngest(tables, { ...addition.base.version, definition: definitionHash }))
  ) {
    return addition.base.version
  }
  return registerVersion(deps, ingestion, { inputs, ...addition })
}

/**
 * Makes a version that was appended to the base before the latest, where the base was made the latest again since.
 * @returns false if another append came in between
 */
function takeUp(
  { db }: IngestDeps,
  known: DatasetVersion,
  base: DatasetVersion | undefined,
): Promise<boolean> {
  return db.transaction<DataTables, boolean>(async (trx) => {
    const latest = await findLatest(trx, known.dataset)
    if (latest?.version !== known.version && latest?.version !== base?.version) return false
    await makeLatest(trx, known)
    return true
  })
}

async function findKnown(
  { db }: IngestDeps,
  dataset: string,
  inputs: string,
): Promise<DatasetVersion | undefined> {
  const version = await findIngest(db.tables<DataTables>(), dataset, inputs)
  return version === undefined ? undefined : findVersion(db.tables<DataTables>(), dataset, version)
}
