import type { Migration } from '../ports/database.ts'

/** Windows that a monitor has judged, and what it decided after each. */
export const monitoringMigration: Migration = {
  id: '0008-monitoring',
  async up(db) {
    await db.schema
      .createTable('monitor_windows')
      .addColumn('monitor', 'text', (c) => c.notNull())
      .addColumn('window_start', 'bigint', (c) => c.notNull())
      .addColumn('window_end', 'bigint', (c) => c.notNull())
      .addColumn('revision', 'integer', (c) => c.notNull())
      .addColumn('final', 'integer', (c) => c.notNull())
      .addColumn('body', 'text', (c) => c.notNull())
      .addColumn('evaluated_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('monitor_windows_pk', ['monitor', 'window_start'])
      .execute()
    await db.schema
      .createTable('monitor_decisions')
      .addColumn('monitor', 'text', (c) => c.notNull())
      .addColumn('window_start', 'bigint', (c) => c.notNull())
      .addColumn('decided_for', 'bigint', (c) => c.notNull())
      .addColumn('action', 'text', (c) => c.notNull())
      .addColumn('reason', 'text', (c) => c.notNull())
      .addColumn('evidence', 'text', (c) => c.notNull())
      .addColumn('pipeline_run', 'text')
      .addColumn('outcome', 'text')
      .addColumn('decided_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('monitor_decisions_pk', ['monitor', 'window_start'])
      .execute()
    await db.schema
      .createIndex('monitor_decisions_run')
      .on('monitor_decisions')
      .column('pipeline_run')
      .execute()
  },
}
