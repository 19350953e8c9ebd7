import type { ContentStore } from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import { readManifest } from '../registry/index.ts'
import { pinsOf } from './pinned-features.ts'
import type { ServingTables } from './store.ts'

const prefix = 'feature-view/'

/** The versions of feature views that revisions of endpoints read: those that could be gone back to among them. */
export async function listPinnedViews(deps: {
  db: Database
  content: ContentStore
}): Promise<{ view: string; version: string }[]> {
  const revisions = await deps.db
    .tables<ServingTables>()
    .selectFrom('endpoint_revisions')
    .select('manifest')
    .distinct()
    .execute()
  const pinned: { view: string; version: string }[] = []
  for (const { manifest } of revisions) {
    const pins = pinsOf(await readManifest(deps.content, manifest))
    for (const [id, version] of Object.entries(pins?.definitions ?? {})) {
      if (id.startsWith(prefix)) pinned.push({ view: id.slice(prefix.length), version })
    }
  }
  return pinned
}
