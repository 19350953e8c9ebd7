import type { Migration } from '../ports/database.ts'

/** Batches of metrics that are kept but not yet among the histories and latest values. */
export const pendingMetricsMigration: Migration = {
  id: '0015-pending-metrics',
  async up(db) {
    await db.schema
      .createTable('pending_metrics')
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull())
      .addColumn('points', 'bigint', (c) => c.notNull())
      // JSON: a list of [key, at, step, value, special], as run_metrics has them.
      .addColumn('metrics', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('pending_metrics_pk', ['run_id', 'id'])
      .execute()
  },
}
