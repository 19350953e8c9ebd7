import { fail } from '@millrace/protocol'
import type { DatasetVersion, DatasetVersionRef } from './dataset-version.ts'
import { type Db, findLatest, findVersion } from './store.ts'
import { listTags } from './tags.ts'

/**
 * The version of that id, or whose id begins so (4 characters at least), or that has the tag, or the latest.
 * @throws `dataset.version_not_found`, also if several versions begin so
 */
export async function resolveVersion(
  db: Db,
  { dataset, version }: DatasetVersionRef,
): Promise<DatasetVersion> {
  const found = await lookUp(db, { dataset, version })
  if (!found) throw fail('dataset.version_not_found', { dataset, version })
  return found
}

async function lookUp(db: Db, { dataset, version }: DatasetVersionRef): Promise<DatasetVersion | undefined> {
  if (version === 'latest') return findLatest(db, dataset)
  if (!/^[0-9a-f]{4,16}$/.test(version)) {
    const [tag] = await listTags(db, dataset, version)
    return tag && findVersion(db, dataset, tag.version)
  }
  const rows = await db
    .selectFrom('dataset_versions')
    .select('version')
    .where('dataset', '=', dataset)
    .where('version', '>=', version)
    .where('version', '<', `${version}g`)
    .limit(2)
    .execute()
  return rows.length === 1 ? findVersion(db, dataset, rows[0].version) : undefined
}

/** @throws `dataset.version_not_found` if one of them is not there */
export async function checkVersions(db: Db, refs: readonly DatasetVersionRef[]): Promise<void> {
  for (const { dataset, version } of refs) {
    const row = await db
      .selectFrom('dataset_versions')
      .select('version')
      .where('dataset', '=', dataset)
      .where('version', '=', version)
      .executeTakeFirst()
    if (!row) throw fail('dataset.version_not_found', { dataset, version })
  }
}
