import type { Migration } from '../ports/database.ts'

/** How far materializations of a range are, what was removed from the online store for good, and what was written. */
export const materializationMigration: Migration = {
  id: '0030-materialization',
  async up(db) {
    await db.schema
      .createTable('feature_backfills')
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('view_version', 'text', (c) => c.notNull())
      .addColumn('first', 'bigint', (c) => c.notNull())
      .addColumn('until', 'bigint', (c) => c.notNull())
      .addColumn('dataset_versions', 'text', (c) => c.notNull())
      .addColumn('done_until', 'bigint', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_backfills_pk', ['view', 'view_version', 'first', 'until'])
      .execute()
    await db.schema
      .createTable('feature_cleanings')
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('view_version', 'text', (c) => c.notNull())
      .addColumn('before', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_cleanings_pk', ['view', 'view_version'])
      .execute()
    await db.schema
      .createTable('feature_profiles')
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('view_version', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_profiles_pk', ['view', 'view_version', 'at'])
      .execute()
  },
}
