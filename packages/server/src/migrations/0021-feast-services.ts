import type { Migration } from '../ports/database.ts'

/** Feature services that came from Feast: which features they give, under which names. */
export const feastServicesMigration: Migration = {
  id: '0021-feast-services',
  async up(db) {
    await db.schema
      .createTable('feast_services')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('project', 'text', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .execute()
    await db.schema.createIndex('feast_services_by_project').on('feast_services').column('project').execute()
  },
}
