import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { DatasetVersionRef } from './dataset-version.ts'
import { openParts, partsRelation } from './part.ts'
import { listParts } from './part-store.ts'
import type { DataTables } from './store.ts'

/** All rows of a version as a relation for the lake; see {@link partsRelation}. */
export async function versionRelation(
  { db, content }: { db: Database; content: Pick<ContentStore, 'openLocal'> },
  version: DatasetVersionRef,
  options: { rowNumbers?: boolean } = {},
): Promise<string> {
  const parts = await listParts(db.tables<DataTables>(), version)
  const files = await openParts(content, parts)
  return partsRelation(
    parts.map(({ rows }, i) => ({ path: files[i], rows })),
    options,
  )
}
