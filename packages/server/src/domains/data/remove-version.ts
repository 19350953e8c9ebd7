import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { DatasetVersionRef } from './dataset-version.ts'
import type { DataTables } from './store.ts'

/**
 * Within a transaction: forgets a version. Its validations stay, as those of versions that were never registered do. Its
 * bytes count as used now: who has opened them can read them for as long as garbage stays.
 */
export async function removeVersion(
  db: Database,
  trx: Kysely<DataTables>,
  { dataset, version }: DatasetVersionRef,
  now: number,
): Promise<void> {
  const digests = new Set<string>()
  for (const table of ['dataset_version_parts', 'dataset_rejected'] as const) {
    const rows = await trx
      .selectFrom(table)
      .select('digest')
      .where('dataset', '=', dataset)
      .where('version', '=', version)
      .execute()
    for (const { digest } of rows) digests.add(digest)
  }
  await db.insertMany(trx, {
    table: 'contents',
    columns: { digest: 'text', used_at: 'bigint', removing: 'bigint' },
    key: ['digest'],
    rows: [...digests].map((digest) => [digest, now, 0]),
    update: { used_at: 'excluded.used_at' },
  })
  // What was read into parts that other versions have is still known to be read.
  await trx
    .deleteFrom('dataset_part_files')
    .where('dataset', '=', dataset)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('dataset_version_parts as own')
          .select('own.digest')
          .where('own.dataset', '=', dataset)
          .where('own.version', '=', version)
          .whereRef('own.digest', '=', 'dataset_part_files.part'),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('dataset_version_parts as other')
            .select('other.digest')
            .where('other.dataset', '=', dataset)
            .where('other.version', '!=', version)
            .whereRef('other.digest', '=', 'dataset_part_files.part'),
        ),
      ),
    )
    .execute()
  const tables = [
    'dataset_version_parts',
    'dataset_rejected',
    'dataset_ingests',
    'dataset_totals',
    'dataset_versions',
  ] as const
  for (const table of tables) {
    await trx.deleteFrom(table).where('dataset', '=', dataset).where('version', '=', version).execute()
  }
}
