import type { Migration } from '../ports/database.ts'

/** Names of versions of datasets, who needs which version, and what lies in the content store. */
export const datasetRetentionMigration: Migration = {
  id: '0026-dataset-retention',
  async up(db) {
    await db.schema
      .createTable('dataset_tag_moves')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('tag', 'text', (c) => c.notNull())
      // The greatest of a tag is where it is now.
      .addColumn('number', 'bigint', (c) => c.notNull())
      // Null = taken away.
      .addColumn('version', 'text')
      .addColumn('moved_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_tag_moves_pk', ['dataset', 'tag', 'number'])
      .execute()
    // Versions that work under way needs: until it lets go of them, or its process has died.
    await db.schema
      .createTable('dataset_version_holds')
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('holder', 'text', (c) => c.notNull())
      .addColumn('expires_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('dataset_version_holds_pk', ['dataset', 'version', 'id'])
      .execute()
    await db.schema
      .createTable('training_set_datasets')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('training_set_datasets_pk', ['dataset', 'version', 'digest'])
      .execute()
    // 0 of sets from before this step: their datasets are only in their manifests yet.
    await db.schema
      .alterTable('training_sets')
      .addColumn('datasets_noted', 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createTable('contents')
      .addColumn('digest', 'text', (c) => c.primaryKey())
      .addColumn('used_at', 'bigint', (c) => c.notNull())
      // 1 while the collector of garbage removes the object.
      .addColumn('removing', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('content_collections')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .execute()
    await db.schema
      .createTable('content_marks')
      .addColumn('collection', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('content_marks_pk', ['collection', 'digest'])
      .execute()
  },
}
