import type { Migration } from '../ports/database.ts'

/** Endpoints: their immutable revisions, which one is stable, rollouts, and effects that other parts still wait for. */
export const servingMigration: Migration = {
  id: '0007-serving',
  async up(db) {
    await db.schema
      .createTable('endpoints')
      .addColumn('endpoint', 'text', (c) => c.primaryKey())
      .addColumn('salt', 'text', (c) => c.notNull())
      .addColumn('stable_revision', 'integer', (c) => c.notNull())
      .addColumn('changes', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('endpoint_revisions')
      .addColumn('endpoint', 'text', (c) => c.notNull())
      .addColumn('revision', 'integer', (c) => c.notNull())
      .addColumn('model', 'text', (c) => c.notNull())
      .addColumn('version', 'integer', (c) => c.notNull())
      .addColumn('manifest', 'text', (c) => c.notNull())
      .addColumn('service_hash', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('request_key', 'text')
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('endpoint_revisions_pk', ['endpoint', 'revision'])
      .addUniqueConstraint('endpoint_revisions_request', ['endpoint', 'request_key'])
      .execute()
    await db.schema
      .createTable('endpoint_rollouts')
      .addColumn('endpoint', 'text', (c) => c.notNull())
      .addColumn('candidate', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('endpoint_rollouts_pk', ['endpoint', 'candidate'])
      .execute()
    await db.schema
      .createTable('serving_outbox')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('body', 'text', (c) => c.notNull())
      .execute()
  },
}
