import type { Migration } from '../ports/database.ts'

/** How far topics of events were read for datasets. */
export const topicOffsetsMigration: Migration = {
  id: '0031-topic-offsets',
  async up(db) {
    await db.schema
      .createTable('feature_topic_offsets')
      .addColumn('dataset', 'text', (c) => c.notNull())
      .addColumn('topic', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('feature_topic_offsets_pk', ['dataset', 'topic'])
      .execute()
  },
}
