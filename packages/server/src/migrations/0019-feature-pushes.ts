import type { Migration } from '../ports/database.ts'

/** Rows that were pushed to both stores, until both have them. */
export const featurePushesMigration: Migration = {
  id: '0019-feature-pushes',
  async up(db) {
    await db.schema
      .createTable('feature_pushes')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
  },
}
