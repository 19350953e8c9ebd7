import type { Migration } from '../ports/database.ts'

/** Files (Parquet, in the content store) with the rows that could not be read when a version was made. */
export const rejectedRowsMigration: Migration = {
  id: '0025-rejected-rows',
  async up(db) {
    await db.schema
      .createTable('dataset_rejected')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_rejected_pk', ['dataset', 'version', 'digest'])
      .execute()
  },
}
