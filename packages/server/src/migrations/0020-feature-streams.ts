import type { Migration } from '../ports/database.ts'

/** Events of stream views on their way to their datasets, and the ids by which repetitions are known. */
export const featureStreamsMigration: Migration = {
  id: '0020-feature-streams',
  async up(db) {
    await db.schema
      .createTable('feature_streams')
      .addColumn('dataset', 'text', (c) => c.primaryKey())
      .addColumn('last_position', 'bigint', (c) => c.notNull())
      .addColumn('newest', 'bigint')
      .addColumn('flushed', 'bigint', (c) => c.notNull())
      .addColumn('flushing', 'bigint')
      .addColumn('accepted', 'bigint', (c) => c.notNull())
      .addColumn('duplicates', 'bigint', (c) => c.notNull())
      .addColumn('late', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('feature_stream_events')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('content', 'text', (c) => c.notNull())
      .addColumn('refusal', 'text')
      .addPrimaryKeyConstraint('feature_stream_events_pk', ['dataset', 'id'])
      .execute()
    await db.schema
      .createIndex('feature_stream_events_by_position')
      .on('feature_stream_events')
      .columns(['dataset', 'position'])
      .execute()
  },
}
