import { type Kysely, SqliteAdapter, sql } from 'kysely'
import type { Migration } from '../ports/database.ts'

/**
 * All of tracking: life cycle and locations of experiments and runs, tags of experiments, counted and rolled-up metric
 * series, datasets, inputs and outputs, logged models. Experiment 0, `Default`, exists from the start.
 */
export const trackingLifeCycleMigration: Migration = {
  id: '0010-tracking',
  async up(db) {
    await extendExperiments(db)
    await extendRuns(db)
    await clusterEntries(db)
    await clusterMetrics(db)
    await addRollups(db)
    await addDatasets(db)
    await addLoggedModels(db)
  },
}

/** Where SQLite would keep such a table twice, as rows and as the index of its key, it keeps it as the index alone. */
const clustered = (db: Kysely<unknown>) =>
  db.getExecutor().adapter instanceof SqliteAdapter ? sql` without rowid` : sql``

async function extendExperiments(db: Kysely<unknown>): Promise<void> {
  const alter = () => db.schema.alterTable('experiments')
  await alter()
    .addColumn('artifact_location', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  // active, deleted
  await alter()
    .addColumn('lifecycle_stage', 'text', (c) => c.notNull().defaultTo('active'))
    .execute()
  await alter()
    .addColumn('updated_at', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  await alter().addColumn('deleted_at', 'bigint').execute()
  await sql`insert into experiments (id, name, created_at)
    select 0, case when exists (select 1 from experiments where name = 'Default') then 'Default (0)' else 'Default' end,
      ${sql.lit(Date.now())}
    where not exists (select 1 from experiments where id = 0)`.execute(db)
  await sql`update experiments set updated_at = created_at,
    artifact_location = 'mlflow-artifacts:/' || cast(id as text)`.execute(db)
  await db.schema
    .createTable('experiment_tags')
    .addColumn('experiment_id', 'bigint', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('experiment_tags_pk', ['experiment_id', 'key'])
    .execute()
}

async function extendRuns(db: Kysely<unknown>): Promise<void> {
  const alter = () => db.schema.alterTable('runs')
  for (const [name, initial] of [
    ['user_id', ''],
    ['lifecycle_stage', 'active'],
    ['artifact_uri', ''],
  ]) {
    await alter()
      .addColumn(name, 'text', (c) => c.notNull().defaultTo(initial))
      .execute()
  }
  await alter().addColumn('deleted_at', 'bigint').execute()
  await sql`update runs set
    artifact_uri = 'mlflow-artifacts:/' || cast(experiment_id as text) || '/' || id || '/artifacts'`.execute(
    db,
  )
  await db.schema.dropIndex('runs_by_experiment').execute()
  await db.schema
    .createIndex('runs_by_experiment')
    .on('runs')
    .columns(['experiment_id', 'lifecycle_stage', 'started_at', 'id'])
    .execute()
  await db.schema.createIndex('runs_by_start').on('runs').columns(['started_at', 'id']).execute()
}

async function clusterEntries(db: Kysely<unknown>): Promise<void> {
  for (const table of ['run_params', 'run_tags']) {
    await db.schema.alterTable(table).renameTo(`${table}_old`).execute()
    await db.schema
      .createTable(table)
      .addColumn('run_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ['run_id', 'key'])
      .modifyEnd(clustered(db))
      .execute()
    await sql`insert into ${sql.table(table)} select run_id, key, value from ${sql.table(`${table}_old`)}`.execute(
      db,
    )
    await db.schema.dropTable(`${table}_old`).execute()
  }
}

async function clusterMetrics(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('run_metrics').renameTo('run_metrics_old').execute()
  await db.schema
    .createTable('run_metrics')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    // `special` is '', 'NaN', 'Infinity' or '-Infinity'; `value` is 0 beside the last three.
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addColumn('special', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_metrics_key', ['run_id', 'key', 'at', 'step', 'value', 'special'])
    .modifyEnd(clustered(db))
    .execute()
  await sql`insert into run_metrics select run_id, key, at, step, value, special from run_metrics_old`.execute(
    db,
  )

  await db.schema.alterTable('run_latest_metrics').renameTo('run_latest_metrics_old').execute()
  await db.schema
    .createTable('run_latest_metrics')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('experiment_id', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addColumn('special', 'text', (c) => c.notNull())
    // How many rows of run_metrics the series has.
    .addColumn('points', 'bigint', (c) => c.notNull())
    // The buckets of metric_rollups are `step >> rollup_shift`; null = the series is short and has none.
    .addColumn('rollup_shift', 'bigint')
    .addPrimaryKeyConstraint('run_latest_metrics_key', ['run_id', 'key'])
    .modifyEnd(clustered(db))
    .execute()
  await sql`insert into run_latest_metrics
      (run_id, key, experiment_id, at, step, value, special, points, rollup_shift)
    select l.run_id, l.key, r.experiment_id, l.at, l.step, l.value, l.special,
      (select count(*) from run_metrics m where m.run_id = l.run_id and m.key = l.key), null
    from run_latest_metrics_old l join runs r on r.id = l.run_id`.execute(db)
  await db.schema.dropTable('run_metrics_old').execute()
  await db.schema.dropTable('run_latest_metrics_old').execute()
  await db.schema
    .createIndex('run_latest_metrics_by_value')
    .on('run_latest_metrics')
    .columns(['experiment_id', 'key', 'special', 'value', 'run_id'])
    .execute()
  // Which series of a run have rollups.
  await sql`create index long_series on run_latest_metrics (run_id, key) where points >= 4096`.execute(db)
}

async function addRollups(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('metric_rollups')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('bucket', 'bigint', (c) => c.notNull())
    // All points of the bucket, NaN included; `min`, `max` and `sum` are over those that are finite.
    .addColumn('points', 'bigint', (c) => c.notNull())
    .addColumn('finite_points', 'bigint', (c) => c.notNull())
    .addColumn('nan_points', 'bigint', (c) => c.notNull())
    .addColumn('infinite_points', 'bigint', (c) => c.notNull())
    .addColumn('negative_infinite_points', 'bigint', (c) => c.notNull())
    .addColumn('min', 'double precision', (c) => c.notNull())
    .addColumn('max', 'double precision', (c) => c.notNull())
    .addColumn('sum', 'double precision', (c) => c.notNull())
    .addColumn('first_at', 'bigint', (c) => c.notNull())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('metric_rollups_key', ['run_id', 'key', 'bucket'])
    .modifyEnd(clustered(db))
    .execute()
}

async function addDatasets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('datasets_logged')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('experiment_id', 'bigint', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('source_type', 'text', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('schema', 'text')
    .addColumn('profile', 'text')
    .addUniqueConstraint('datasets_logged_identity', ['experiment_id', 'name', 'digest'])
    .execute()
  await db.schema
    .createTable('run_inputs')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('dataset_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_inputs_pk', ['run_id', 'dataset_id'])
    .execute()
  await db.schema.createIndex('run_inputs_by_dataset').on('run_inputs').columns(['dataset_id']).execute()
  await db.schema
    .createTable('run_input_tags')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('dataset_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_input_tags_pk', ['run_id', 'dataset_id', 'key'])
    .execute()
  await db.schema
    .createTable('run_model_inputs')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_model_inputs_pk', ['run_id', 'model_id'])
    .execute()
  await db.schema
    .createTable('run_model_outputs')
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('run_model_outputs_pk', ['run_id', 'model_id', 'step'])
    .execute()
}

async function addLoggedModels(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('logged_models')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('experiment_id', 'bigint', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('model_type', 'text')
    .addColumn('source_run_id', 'text')
    .addColumn('artifact_uri', 'text', (c) => c.notNull())
    // PENDING, READY, UPLOAD_FAILED
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('status_message', 'text')
    .addColumn('lifecycle_stage', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('updated_at', 'bigint', (c) => c.notNull())
    .addColumn('deleted_at', 'bigint')
    .execute()
  await db.schema
    .createIndex('logged_models_by_experiment')
    .on('logged_models')
    .columns(['experiment_id', 'lifecycle_stage', 'created_at', 'id'])
    .execute()
  await db.schema.createIndex('logged_models_by_run').on('logged_models').columns(['source_run_id']).execute()
  for (const table of ['logged_model_params', 'logged_model_tags']) {
    await db.schema
      .createTable(table)
      .addColumn('model_id', 'text', (c) => c.notNull())
      .addColumn('key', 'text', (c) => c.notNull())
      .addColumn('value', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint(`${table}_pk`, ['model_id', 'key'])
      .execute()
  }
  // Measured by a run on a dataset; both names are '' where no dataset was named.
  await db.schema
    .createTable('logged_model_metrics')
    .addColumn('model_id', 'text', (c) => c.notNull())
    .addColumn('run_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('step', 'bigint', (c) => c.notNull())
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addColumn('special', 'text', (c) => c.notNull())
    .addColumn('dataset_name', 'text', (c) => c.notNull())
    .addColumn('dataset_digest', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('logged_model_metrics_key', [
      'model_id',
      'key',
      'run_id',
      'dataset_name',
      'dataset_digest',
      'at',
      'step',
      'value',
      'special',
    ])
    .modifyEnd(clustered(db))
    .execute()
  await db.schema
    .createIndex('logged_model_metrics_by_run')
    .on('logged_model_metrics')
    .columns(['run_id'])
    .execute()
}
