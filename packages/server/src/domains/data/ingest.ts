import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import { versionOf } from '../definitions/index.ts'
import type { DatasetVersion } from './dataset-version.ts'
import { type Addition, findAddition } from './ingest-append.ts'
import { registerVersion } from './ingest-register.ts'
import { findIngest, hasIngest } from './ingest-store.ts'
import type { IngestDeps, IngestInput, Ingestion } from './ingestion.ts'
import { openSource } from './source.ts'
import { type DataTables, findLatest, findVersion } from './store.ts'

/** Registers a source as a version, or finds the one that it gave before. */
export async function ingest(deps: IngestDeps, input: IngestInput): Promise<DatasetVersion> {
  const definition = await deps.definitions.get('dataset', input.dataset)
  const { onProgress, signal } = input
  const ingestion: Ingestion = {
    definition,
    definitionHash: versionOf(definition),
    mode: input.mode ?? definition.mode ?? 'replace',
    source: await openSource(definition.name, input.path ?? definition.source.path, {
      baseDir: deps.baseDir,
      signal,
    }),
    onProgress,
    signal,
  }
  for (;;) {
    signal?.throwIfAborted()
    const registered = await (ingestion.mode === 'append' ? append : replace)(deps, ingestion)
    // Another append came in between: what is new is to be found out again, after its rows.
    if (registered) return registered
  }
}

async function replace(deps: IngestDeps, ingestion: Ingestion): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, source } = ingestion
  const inputs = sha256(canonicalJson({ source: source.digest, definition: definitionHash }))
  const known = await findKnown(deps, definition.name, inputs)
  if (known) return known
  return registerVersion(deps, ingestion, { inputs, base: undefined, files: source.files })
}

async function append(deps: IngestDeps, ingestion: Ingestion): Promise<DatasetVersion | undefined> {
  const { definition, definitionHash, source } = ingestion
  const tables = deps.db.tables<DataTables>()
  const base = await findLatest(tables, definition.name)
  const inputs = sha256(
    canonicalJson({ source: source.digest, definition: definitionHash, appendTo: base?.version ?? null }),
  )
  const known = await findKnown(deps, definition.name, inputs)
  if (known) return known
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

async function findKnown(
  { db }: IngestDeps,
  dataset: string,
  inputs: string,
): Promise<DatasetVersion | undefined> {
  const version = await findIngest(db.tables<DataTables>(), dataset, inputs)
  return version === undefined ? undefined : findVersion(db.tables<DataTables>(), dataset, version)
}
