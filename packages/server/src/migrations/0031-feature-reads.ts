import type { Migration } from '../ports/database.ts'

/** What logged online reads of feature services were made with, and their comparisons with training. */
export const featureReadsMigration: Migration = {
  id: '0031-feature-reads',
  async up(db) {
    await db.schema
      .createTable('feature_service_reads')
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('definitions', 'text', (c) => c.notNull())
      .addColumn('first_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_service_reads_pk', ['service', 'version'])
      .execute()
    await db.schema
      .createTable('feature_service_checks')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('service', 'text', (c) => c.notNull())
      .addColumn('checked_at', 'bigint', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('feature_service_checks_by_service')
      .on('feature_service_checks')
      .columns(['service', 'checked_at'])
      .execute()
  },
}
