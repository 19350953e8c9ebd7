import type { Kysely } from 'kysely'
import type { FeatureTables } from './store.ts'

export interface ProgressTables {
  /** Ranges that were begun and are not finished. */
  feature_backfills: BackfillRow
  feature_cleanings: { view: string; view_version: string; before: number }
}

type Db = Kysely<ProgressTables>

interface BackfillRow {
  view: string
  view_version: string
  /** Of the range, milliseconds, both ends inclusive. */
  first: number
  until: number
  /** What the rows are out of. */
  dataset_versions: string
  /** Rows up to here are online. */
  done_until: number
  rows: number
  updated_at: number
}

type BackfillStart = Pick<BackfillRow, 'view' | 'view_version' | 'first'>

/** The furthest that former calls came with a range of this start, not beyond `until`, since the time `since`. */
export async function findBackfill(
  db: Db,
  { view, view_version, first }: BackfillStart,
  { versions, until, since }: { versions: string; until: number; since: number },
): Promise<BackfillRow | undefined> {
  return db
    .selectFrom('feature_backfills')
    .selectAll()
    .where('view', '=', view)
    .where('view_version', '=', view_version)
    .where('first', '=', first)
    .where('dataset_versions', '=', versions)
    .where('done_until', '<=', until)
    .where('updated_at', '>=', since)
    .orderBy('done_until', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export async function saveBackfill(db: Db, row: BackfillRow): Promise<void> {
  const { view, view_version, first, until, ...changing } = row
  await db
    .insertInto('feature_backfills')
    .values(row)
    .onConflict((c) => c.columns(['view', 'view_version', 'first', 'until']).doUpdateSet(changing))
    .execute()
}

/** Forgets the ranges of this start that are done up to `until`. */
export async function removeBackfills(
  db: Db,
  { view, view_version, first }: BackfillStart,
  until: number,
): Promise<void> {
  await db
    .deleteFrom('feature_backfills')
    .where('view', '=', view)
    .where('view_version', '=', view_version)
    .where('first', '=', first)
    .where('done_until', '<=', until)
    .execute()
}

/** The time before which rows were removed from the online store, not to come back; null if there is none. */
export async function findCleaning(db: Db, view: string, viewVersion: string): Promise<number | null> {
  const row = await db
    .selectFrom('feature_cleanings')
    .select('before')
    .where('view', '=', view)
    .where('view_version', '=', viewVersion)
    .executeTakeFirst()
  return row?.before ?? null
}

/** Times only go up. */
export async function saveCleaning(
  db: Db,
  { view, viewVersion, before }: { view: string; viewVersion: string; before: number },
): Promise<void> {
  await db
    .insertInto('feature_cleanings')
    .values({ view, view_version: viewVersion, before })
    .onConflict((c) =>
      c
        .columns(['view', 'view_version'])
        .doUpdateSet({ before })
        .where('feature_cleanings.before', '<', before),
    )
    .execute()
}

/** Forgets how far a version of a view is: its values are to be written anew. */
export async function forgetMaterializations(
  db: Kysely<ProgressTables & FeatureTables>,
  view: string,
  viewVersion: string,
): Promise<void> {
  for (const table of ['feature_materializations', 'feature_backfills', 'feature_cleanings'] as const) {
    await db.deleteFrom(table).where('view', '=', view).where('view_version', '=', viewVersion).execute()
  }
}
