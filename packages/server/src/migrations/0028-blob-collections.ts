import type { Migration } from '../ports/database.ts'

/** Collections of blobs have names, so that one whose lock went to another can be told from that one. */
export const blobCollectionsMigration: Migration = {
  id: '0028-blob-collections',
  async up(db) {
    // The collection that is going on, or was the last.
    await db.schema
      .createTable('blob_collections')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .execute()
    // Marks are worth nothing beyond the collection that made them.
    await db.schema.dropTable('blob_marks').execute()
    await db.schema
      .createTable('blob_marks')
      .addColumn('collection', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('blob_marks_pk', ['collection', 'digest'])
      .execute()
  },
}
