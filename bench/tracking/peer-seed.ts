import { DatabaseSync } from 'node:sqlite'
import { history, historyPoints, type SeedRun, seededExperiment, seedRuns } from './runs.ts'

/** Id in MLflow's database. 0 is its own, made when it starts. */
const experiment = 1

/** Dropped while the rows go in. Without one of them the schema is no longer the one that this file knows. */
const indexes = [
  'index_params_run_uuid',
  'index_tags_run_uuid',
  'index_latest_metrics_run_uuid',
  'index_metrics_run_uuid',
  'index_metrics_run_uuid_key_step',
]

/**
 * Fills a database of MLflow (schema made by `mlflow db upgrade`) with the runs that are searched, as MLflow's own server
 * would have written them. Returns the id of their experiment. With statistics (ANALYZE), which MLflow leaves to its
 * operator: without them SQLite reads the metrics of the search by the wrong index and takes more than a minute for it.
 */
export function seedPeerRuns(path: string): string {
  return fill(path, seededExperiment, (insert) => {
    for (const run of seedRuns()) insertRun(insert, run)
  })
}

/** Likewise with the run that has a long history. */
export function seedPeerHistory(path: string): string {
  return fill(path, history.experiment, insertHistory)
}

function fill(path: string, name: string, insertRows: (insert: Inserts) => void): string {
  const db = new DatabaseSync(path)
  try {
    db.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; BEGIN')
    const definitions = indexes.map((index) => takeIndex(db, index))
    const insert = prepareInserts(db)
    insert.experiment.run(experiment, name, `mlflow-artifacts:/${experiment}`)
    insertRows(insert)
    for (const definition of definitions) db.exec(definition)
    db.exec('COMMIT; ANALYZE')
    return `${experiment}`
  } finally {
    db.close()
  }
}

function takeIndex(db: DatabaseSync, name: string): string {
  const row = db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').get(name)
  if (!row) throw new Error(`The schema of MLflow has no index ${name}; adapt peer-seed.ts`)
  db.exec(`DROP INDEX ${name}`)
  return String(row.sql)
}

type Inserts = ReturnType<typeof prepareInserts>

function prepareInserts(db: DatabaseSync) {
  const insertMetric = (table: string) =>
    db.prepare(
      `INSERT INTO ${table} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)`,
    )
  return {
    experiment: db.prepare(
      `INSERT INTO experiments
         (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
       VALUES (?, ?, ?, 'active', 0, 0, 'default')`,
    ),
    run: db.prepare(
      `INSERT INTO runs
         (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time,
          source_version, lifecycle_stage, artifact_uri, experiment_id)
       VALUES (?, ?, 'UNKNOWN', '', '', 'bench', 'FINISHED', ?, ?, '', 'active', ?, ?)`,
    ),
    param: db.prepare('INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)'),
    tag: db.prepare('INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)'),
    metric: insertMetric('metrics'),
    latestMetric: insertMetric('latest_metrics'),
  }
}

function insertRun(insert: Inserts, run: SeedRun): void {
  const { id, name, startedAt, endedAt } = run
  insert.run.run(id, name, startedAt, endedAt, `mlflow-artifacts:/${experiment}/${id}/artifacts`, experiment)
  for (const [key, value] of run.params) insert.param.run(key, value, id)
  for (const [key, value] of run.tags) insert.tag.run(key, value, id)
  for (const [key, value] of run.metrics) {
    insert.metric.run(key, value, startedAt, id, 0)
    insert.latestMetric.run(key, value, startedAt, id, 0)
  }
}

function insertHistory(insert: Inserts): void {
  const { run, key } = history
  insert.run.run(run, 'history', 0, null, `mlflow-artifacts:/${experiment}/${run}/artifacts`, experiment)
  insert.tag.run('mlflow.runName', 'history', run)
  let last: [number, number, number] | undefined
  for (const { step, at, value } of historyPoints()) {
    insert.metric.run(key, value, at, run, step)
    last = [value, at, step]
  }
  if (last) insert.latestMetric.run(key, last[0], last[1], run, last[2])
}
