import type { Migration } from '../ports/database.ts'

/** Names of versions of file sets with their history, and what the collector of garbage has marked. */
export const fileSetTagsMigration: Migration = {
  id: '0024-file-set-tags',
  async up(db) {
    await db.schema
      .createTable('file_set_tag_moves')
      .addColumn('file_set', 'text', (c) => c.notNull())
      .addColumn('tag', 'text', (c) => c.notNull())
      // The greatest of a tag is where it is now.
      .addColumn('number', 'bigint', (c) => c.notNull())
      // Null = taken away.
      .addColumn('version', 'text')
      .addColumn('moved_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('file_set_tag_moves_pk', ['file_set', 'tag', 'number'])
      .execute()
    await db.schema
      .createTable('blob_marks')
      .addColumn('digest', 'text', (c) => c.primaryKey())
      .execute()
  },
}
