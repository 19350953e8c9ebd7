import type { DatasetVersionRef } from './dataset-version.ts'
import type { Db } from './store.ts'

/** Files with rows that were kept aside when a version was made, oldest first. */
export async function listRejectedFiles(db: Db, { dataset, version }: DatasetVersionRef) {
  return db
    .selectFrom('dataset_rejected')
    .select(['digest', 'rows'])
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .orderBy('created_at')
    .orderBy('digest')
    .execute()
}

/** Within a transaction; the same rows of the same version are kept once. */
export async function addRejectedFile(
  db: Db,
  file: DatasetVersionRef & { digest: string; bytes: number; rows: number; now: number },
): Promise<void> {
  const { now, ...row } = file
  await db
    .insertInto('dataset_rejected')
    .values({ ...row, created_at: now })
    .onConflict((c) => c.columns(['dataset', 'version', 'digest']).doNothing())
    .execute()
}
