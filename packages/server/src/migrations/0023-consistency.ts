import type { Migration } from '../ports/database.ts'

/** Comparisons of what endpoints were given with what training would have had. */
export const consistencyMigration: Migration = {
  id: '0023-consistency',
  async up(db) {
    await db.schema
      .createTable('consistency_checks')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('endpoint', 'text', (c) => c.notNull())
      .addColumn('checked_at', 'bigint', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('consistency_checks_by_endpoint')
      .on('consistency_checks')
      .columns(['endpoint', 'checked_at'])
      .execute()
  },
}
