import type { Migration } from '../ports/database.ts'

/** Runs and logged models whose permanent deletion has begun: their own row is gone, the rest may not be yet. */
export const garbageMigration: Migration = {
  id: '0014-garbage',
  async up(db) {
    await db.schema
      .createTable('purges')
      // run, logged_model
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('artifact_uri', 'text', (c) => c.notNull())
      .addColumn('experiment_id', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('purges_pk', ['kind', 'id'])
      .execute()
  },
}
