import type { Migration } from '../ports/database.ts'

/** Views whose rows come from a query read several datasets. */
export const joinedDatasetsMigration: Migration = {
  id: '0022-joined-datasets',
  async up(db) {
    await db.schema.alterTable('feature_materializations').addColumn('joined', 'text').execute()
  },
}
