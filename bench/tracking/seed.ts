import { loadConfig } from '../../packages/server/src/config.ts'
import { migrations } from '../../packages/server/src/migrations/index.ts'
import type { Database } from '../../packages/server/src/ports/database.ts'
import { openDatabase } from '../../packages/server/src/stores.ts'
import { type SeedRun, seededExperiment, seedRuns } from './runs.ts'

const runsAtOnce = 2000
const id = 1

/** Fills the database of a server's folder with the runs that are searched. Returns the id of their experiment. */
export async function seedRunsToSearch(dir: string): Promise<string> {
  const db = await openDatabase(loadConfig({ dir }))
  try {
    await db.migrate(migrations)
    await db.transaction(async (trx) => {
      await db.insertMany(trx, {
        table: 'experiments',
        columns: {
          id: 'bigint',
          name: 'text',
          artifact_location: 'text',
          created_at: 'bigint',
          updated_at: 'bigint',
        },
        key: ['id'],
        rows: [[id, seededExperiment, `mlflow-artifacts:/${id}`, 0, 0]],
      })
    })
    let runs: SeedRun[] = []
    for (const run of seedRuns()) {
      if (runs.push(run) < runsAtOnce) continue
      await insertRuns(db, runs)
      runs = []
    }
    await insertRuns(db, runs)
    return `${id}`
  } finally {
    await db.close()
  }
}

async function insertRuns(db: Database, runs: readonly SeedRun[]): Promise<void> {
  await db.transaction(async (trx) => {
    await db.insertMany(trx, {
      table: 'runs',
      columns: {
        id: 'text',
        experiment_id: 'bigint',
        name: 'text',
        status: 'text',
        artifact_uri: 'text',
        started_at: 'bigint',
        ended_at: 'bigint',
      },
      key: ['id'],
      rows: runs.map((run) => [
        run.id,
        id,
        run.name,
        'FINISHED',
        `mlflow-artifacts:/${id}/${run.id}/artifacts`,
        run.startedAt,
        run.endedAt,
      ]),
    })
    for (const [table, entries] of [
      ['run_params', (run: SeedRun) => run.params],
      ['run_tags', (run: SeedRun) => run.tags],
    ] as const) {
      await db.insertMany(trx, {
        table,
        columns: { run_id: 'text', key: 'text', value: 'text' },
        key: ['run_id', 'key'],
        rows: runs.flatMap((run) => entries(run).map(([key, value]) => [run.id, key, value])),
      })
    }
    const point = {
      run_id: 'text',
      key: 'text',
      at: 'bigint',
      step: 'bigint',
      value: 'double precision',
      special: 'text',
    } as const
    const points = runs.flatMap((run) =>
      run.metrics.map(([key, value]) => [run.id, key, run.startedAt, 0, value, '']),
    )
    await db.insertMany(trx, {
      table: 'run_metrics',
      columns: point,
      key: ['run_id', 'key', 'at', 'step', 'value', 'special'],
      rows: points,
    })
    await db.insertMany(trx, {
      table: 'run_latest_metrics',
      columns: { ...point, experiment_id: 'bigint', points: 'bigint' },
      key: ['run_id', 'key'],
      rows: points.map((row) => [...row, id, 1]),
    })
  })
}
