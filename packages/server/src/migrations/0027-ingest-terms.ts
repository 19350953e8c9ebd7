import type { Migration } from '../ports/database.ts'

/** By which expectations an ingestion judged rows, and which salt hashed them: beyond its definition. */
export const ingestTermsMigration: Migration = {
  id: '0027-ingest-terms',
  async up(db) {
    for (const column of ['expectations', 'salt'])
      await db.schema.alterTable('dataset_ingests').addColumn(column, 'text').execute()
  },
}
