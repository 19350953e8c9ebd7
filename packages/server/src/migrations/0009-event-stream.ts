import type { Migration } from '../ports/database.ts'

/** Events by topic and offset, and the last offset given out per topic. */
export const eventStreamMigration: Migration = {
  id: '0009-event-stream',
  async up(db) {
    await db.schema
      .createTable('event_topics')
      .addColumn('topic', 'text', (c) => c.primaryKey())
      .addColumn('last_position', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('events')
      .addColumn('topic', 'text', (c) => c.notNull())
      .addColumn('position', 'bigint', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('events_pk', ['topic', 'position'])
      .execute()
  },
}
