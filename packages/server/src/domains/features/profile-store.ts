import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { FeatureProfile } from './feature-profile.ts'

export interface ProfileTables {
  feature_profiles: { view: string; view_version: string; at: number; content: string }
}

/** What a materialization wrote. Times are milliseconds. */
export interface ViewProfile {
  view: string
  viewVersion: string
  at: number
  /** What was known then was written. */
  until: number
  features: FeatureProfile[]
}

/** Profiles of one version of a view; of more the oldest go. */
const kept = 50

/** Keeps a profile. */
export async function saveProfile(db: Database, profile: ViewProfile): Promise<void> {
  const { view, viewVersion, at, until, features } = profile
  await db.transaction<ProfileTables, void>(async (trx) => {
    await trx
      .insertInto('feature_profiles')
      .values({ view, view_version: viewVersion, at, content: JSON.stringify({ until, features }) })
      .onConflict((c) => c.columns(['view', 'view_version', 'at']).doNothing())
      .execute()
    const old = await trx
      .selectFrom('feature_profiles')
      .select('at')
      .where('view', '=', view)
      .where('view_version', '=', viewVersion)
      .orderBy('at', 'desc')
      .offset(kept)
      .limit(1)
      .executeTakeFirst()
    if (!old) return
    await trx
      .deleteFrom('feature_profiles')
      .where('view', '=', view)
      .where('view_version', '=', viewVersion)
      .where('at', '<=', old.at)
      .execute()
  })
}

/** Newest first. */
export async function listProfiles(
  db: Kysely<ProfileTables>,
  { view, viewVersion, limit }: { view: string; viewVersion: string; limit: number },
): Promise<ViewProfile[]> {
  const rows = await db
    .selectFrom('feature_profiles')
    .select(['at', 'content'])
    .where('view', '=', view)
    .where('view_version', '=', viewVersion)
    .orderBy('at', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ at, content }) => ({ view, viewVersion, at, ...JSON.parse(content) }))
}
