import type { Migration } from '../ports/database.ts'

/** Applied definitions: the current one per name, and every version that was ever current. */
export const definitionsMigration: Migration = {
  id: '0001-definitions',
  async up(db) {
    await db.schema
      .createTable('definitions')
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('project', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('applied_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('definitions_pk', ['kind', 'name'])
      .execute()
    await db.schema
      .createTable('definition_versions')
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('first_applied_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('definition_versions_pk', ['kind', 'name', 'version'])
      .execute()
  },
}
