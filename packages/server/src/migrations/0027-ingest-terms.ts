import type { Migration } from '../ports/database.ts'

/**
 * By which expectations an ingestion judged rows, and which salt hashed them: beyond its definition. What is known of the
 * rows of the newest version of a dataset, for the next append.
 */
export const ingestTermsMigration: Migration = {
  id: '0027-ingest-terms',
  async up(db) {
    for (const column of ['expectations', 'salt'])
      await db.schema.alterTable('dataset_ingests').addColumn(column, 'text').execute()
    await db.schema
      .createTable('dataset_totals')
      .addColumn('dataset', 'text', (c) => c.primaryKey())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('totals', 'text', (c) => c.notNull())
      .execute()
  },
}
