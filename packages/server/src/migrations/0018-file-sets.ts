import type { Migration } from '../ports/database.ts'

/** Blobs in packs, versions of file sets by pages of their manifests, and what DVC clients keep here. */
export const fileSetsMigration: Migration = {
  id: '0018-file-sets',
  async up(db) {
    await db.schema
      .createTable('blob_packs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('blobs')
      .addColumn('digest', 'text', (c) => c.primaryKey())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('md5', 'text')
      // Both null of what is made of pieces.
      .addColumn('pack', 'text')
      .addColumn('start', 'bigint')
      .addColumn('used_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('blobs_by_pack').on('blobs').column('pack').execute()
    await db.schema
      .createTable('blob_pieces')
      .addColumn('blob', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('piece', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('blob_pieces_pk', ['blob', 'position'])
      .execute()
    await db.schema.createIndex('blob_pieces_by_piece').on('blob_pieces').column('piece').execute()

    await db.schema
      .createTable('file_set_versions')
      .addColumn('file_set', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      // Of additions to the file set: the greatest is that of the latest version.
      .addColumn('number', 'bigint', (c) => c.notNull())
      .addColumn('files', 'bigint', (c) => c.notNull())
      .addColumn('bytes', 'bigint', (c) => c.notNull())
      .addColumn('message', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addColumn('added_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('file_set_versions_pk', ['file_set', 'version'])
      .execute()
    await db.schema
      .createTable('file_set_pages')
      .addColumn('file_set', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('page', 'text', (c) => c.notNull())
      .addColumn('first_path', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('file_set_pages_pk', ['file_set', 'version', 'position'])
      .execute()

    await db.schema
      .createTable('dvc_objects')
      .addColumn('project', 'text', (c) => c.notNull())
      // MD5, with `.dir` at its end for the list of a folder.
      .addColumn('object', 'text', (c) => c.notNull())
      .addColumn('blob', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dvc_objects_pk', ['project', 'object'])
      .execute()
    await db.schema.createIndex('dvc_objects_by_blob').on('dvc_objects').column('blob').execute()
  },
}
