import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, type DatasetSource, fail } from '@millrace/protocol'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import { versionOf } from '../definitions/index.ts'
import type { DatasetVersion } from './dataset-version.ts'
import { findWatermark } from './find-watermark.ts'
import { type Addition, findAddition } from './ingest-append.ts'
import { findKnown, inputsOf, takeUp } from './ingest-known.ts'
import { createProgress } from './ingest-progress.ts'
import { registerVersion } from './ingest-register.ts'
import { hasIngest } from './ingest-store.ts'
import type { IngestDeps, IngestInput, Ingestion } from './ingestion.ts'
import { fingerprintOfSalt, hidesValues } from './masks.ts'
import { expectationsOf } from './needed-expectations.ts'
import { formatOf } from './sources/file-format.ts'
import { openSource } from './sources/open-source.ts'
import { receiveUpload } from './sources/receive-upload.ts'
import type { Source } from './sources/source.ts'
import { type DataTables, findLatest } from './store.ts'

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
      // Another append, or a removal, came in between: what is new is to be found out again.
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
      hidesValues: hidesValues(definition),
      after: base && (await findWatermark(deps, definition, base, signal)),
      scratch,
      mayRunCode: input.mayRunCode ?? false,
      onLog: input.onLog,
      onRead: createProgress(deps.clock, onProgress),
      signal,
    }))
  const expectations = await expectationsOf(deps.definitions, definition)
  const ingestion: Ingestion = {
    definition,
    definitionHash: versionOf(definition),
    expectations,
    expectationsHash: sha256(canonicalJson(expectations)),
    salt: await fingerprintOfSalt(definition, deps.secrets),
    mode,
    source,
    scratch,
    onProgress,
    cause: input.upload ? 'upload' : input.cause,
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

async function replace(deps: IngestDeps, ingestion: Ingestion): Promise<DatasetVersion | undefined> {
  const inputs = inputsOf(ingestion)
  const known = await findKnown(deps, ingestion.definition.name, inputs)
  if (!known)
    return registerVersion(deps, ingestion, { inputs, base: undefined, files: ingestion.source.files })
  return (await takeUp(deps, ingestion, known)) ? known : undefined
}

async function append(
  deps: IngestDeps,
  ingestion: Ingestion,
  base: DatasetVersion | undefined,
): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, expectationsHash, salt, source } = ingestion
  const inputs = inputsOf(ingestion, { appendTo: base?.version ?? null })
  const known = await findKnown(deps, definition.name, inputs)
  if (known) return (await takeUp(deps, ingestion, known, base)) ? known : undefined
  const addition: Addition = base
    ? await findAddition(deps, ingestion, base)
    : { base: undefined, files: source.files }
  if (addition.base && addition.files.length === 0) {
    const { version } = addition.base
    const terms = { definition: definitionHash, expectations: expectationsHash, salt }
    if (await hasIngest(deps.db.tables<DataTables>(), version, terms))
      return (await takeUp(deps, ingestion, version, base)) ? version : undefined
  }
  return registerVersion(deps, ingestion, { inputs, ...addition })
}
