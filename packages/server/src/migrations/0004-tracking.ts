import type { Migration } from '../ports/database.ts'

/** Experiments and their runs, with parameters, tags, every metric value, the latest of each, and artifacts. */
export const trackingMigration: Migration = {
  id: '0004-tracking',
  async up(db) {
    await db.schema
      .createTable('experiments')
      .addColumn('id', 'bigint', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('runs')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('experiment_id', 'bigint', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('idempotency_key', 'text', (c) => c.unique())
      .addColumn('started_at', 'bigint', (c) => c.notNull())
      .addColumn('ended_at', 'bigint')
      .execute()
    await db.schema
      .createIndex('runs_by_experiment')
      .on('runs')
      .columns(['experiment_id', 'started_at', 'id'])
      .execute()
    for (const table of ['run_params', 'run_tags']) {
      await db.schema
        .createTable(table)
        .addColumn('run_id', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint(`${table}_pk`, ['run_id', 'key'])
        .execute()
    }
    // `special` is '', 'NaN', 'Infinity' or '-Infinity'; `value` is 0 beside the last three.
    await db.schema
      .createTable('run_metrics')
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('step', 'bigint', (c) => c.notNull())
      .addColumn('value', 'double precision', (c) => c.notNull())
      .addColumn('special', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('run_metrics_pk', ['run_id', 'key', 'at', 'step', 'value', 'special'])
      .execute()
    await db.schema
      .createTable('run_latest_metrics')
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('at', 'bigint', (c) => c.notNull())
      .addColumn('step', 'bigint', (c) => c.notNull())
      .addColumn('value', 'double precision', (c) => c.notNull())
      .addColumn('special', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('run_latest_metrics_pk', ['run_id', 'key'])
      .execute()
    await db.schema
      .createTable('run_artifacts')
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('digest', 'text', (c) => c.notNull())
      .addColumn('size', 'bigint', (c) => c.notNull())
      .addColumn('created_at', 'bigint', (c) => c.notNull())
      .addPrimaryKeyConstraint('run_artifacts_pk', ['run_id', 'path'])
      .execute()
  },
}
