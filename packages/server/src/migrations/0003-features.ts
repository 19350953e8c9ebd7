import type { Migration } from '../ports/database.ts'

/** How far feature views are materialised, and which training set was built out of which inputs. */
export const featuresMigration: Migration = {
  id: '0003-features',
  async up(db) {
    await db.schema
      .createTable('feature_materializations')
      .addColumn('view', 'text', (c) => c.notNull())
      .addColumn('view_version', 'text', (c) => c.notNull())
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('dataset_version', 'text', (c) => c.notNull())
      .addColumn('until', 'bigint', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addColumn('updated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_materializations_pk', ['view', 'view_version'])
      .execute()
    await db.schema
      .createTable('training_sets')
      .addColumn('inputs', 'text', (c) => c.primaryKey())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('rows', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
  },
}
