import type { Migration } from '../ports/database.ts'

/** Registered models, their versions with lineage, and aliases with their whole history. */
export const registryMigration: Migration = {
  id: '0005-registry',
  async up(db) {
    await db.schema
      .createTable('registered_models')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('model_versions')
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addColumn('idempotency_key', 'text', (c) => c.unique())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('manifest', 'text', (c) => c.notNull())
      .addColumn('run_id', 'text')
      .addColumn('training_set', 'text')
      .addColumn('gate', 'text', (c) => c.notNull())
      .addColumn('tags', 'text', (c) => c.notNull())
      .addColumn('lineage', 'text', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('model_versions_pk', ['model', 'version'])
      .execute()
    await db.schema.createIndex('model_versions_by_run').on('model_versions').columns(['run_id']).execute()
    await db.schema
      .createIndex('model_versions_by_training_set')
      .on('model_versions')
      .columns(['training_set'])
      .execute()
    await db.schema
      .createTable('model_version_datasets')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('dataset_version', 'text', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('model_version_datasets_pk', [
        'dataset',
        'dataset_version',
        'model',
        'version',
      ])
      .execute()
    await db.schema
      .createTable('model_aliases')
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('alias', 'text', (c) => c.notNull())
      .addColumn('sequence', 'bigint', (c) => c.notNull())
      .addColumn('version', 'bigint', (c) => c.notNull())
      .addColumn('set_at', 'bigint', (c) => c.notNull())
      .addColumn('set_by', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('model_aliases_pk', ['model', 'alias', 'sequence'])
      .execute()
  },
}
