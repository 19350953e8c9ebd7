import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { DatasetVersion } from './dataset-version.ts'
import { judgeAgain } from './ingest-judge.ts'
import { findIngest } from './ingest-store.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { addValidation, type DataTables, findLatest, findVersion, makeLatest } from './store.ts'

/** A hash of all that the result of an ingestion depends on, but for the time and other datasets. */
export function inputsOf(
  { source, definitionHash, expectationsHash, salt }: Ingestion,
  base: { appendTo?: string | null } = {},
): string {
  return sha256(
    canonicalJson({
      source: source.digest,
      format: source.format,
      definition: definitionHash,
      expectations: expectationsHash,
      ...(salt && { salt }),
      ...base,
    }),
  )
}

/** The version that these inputs gave. */
export async function findKnown(
  { db }: IngestDeps,
  dataset: string,
  inputs: string,
): Promise<DatasetVersion | undefined> {
  const version = await findIngest(db.tables<DataTables>(), dataset, inputs)
  return version === undefined ? undefined : findVersion(db.tables<DataTables>(), dataset, version)
}

/**
 * Makes a version that is registered the latest; in an append one that goes on with the base, or the base itself.
 * @returns false if another append came in between, or the version is not there any more
 * @throws `dataset.expectation_failed` if it does not pass any more; then the latest stays what it is
 */
export async function takeUp(
  deps: IngestDeps,
  ingestion: Ingestion,
  known: DatasetVersion,
  base?: DatasetVersion,
): Promise<boolean> {
  const validation = await judgeAgain(deps, ingestion, known)
  return deps.db.transaction<DataTables, boolean>(async (trx) => {
    if (ingestion.mode === 'append') {
      const latest = await findLatest(trx, known.dataset)
      if (latest?.version !== known.version && latest?.version !== base?.version) return false
    }
    if (validation) await addValidation(trx, validation)
    return makeLatest(trx, known)
  })
}
