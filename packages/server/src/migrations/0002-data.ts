import type { Migration } from '../ports/database.ts'

/** Registered dataset versions, and the result of every validation, also of those that stopped a version. */
export const dataMigration: Migration = {
  id: '0002-data',
  async up(db) {
    await db.schema
      .createTable('dataset_versions')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('definition_version', 'text', (c) => c.notNull())
      .addColumn('source', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addColumn('schema', 'text', (c) => c.notNull())
      .addColumn('statistics', 'text', (c) => c.notNull())
      .addColumn('validation', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_versions_pk', ['dataset', 'version'])
      .execute()
    await db.schema
      .createTable('dataset_validations')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('success', 'integer', (c) => c.notNull())
      .addColumn('accepted', 'integer', (c) => c.notNull())
      .addColumn('result', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('dataset_validations_by_dataset')
      .on('dataset_validations')
      .columns(['dataset', 'id'])
      .execute()
  },
}
