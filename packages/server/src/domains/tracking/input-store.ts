import { sql } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { DatasetInput, DatasetSummary, LoggedDataset, ModelOutput } from './input.ts'
import type { DatasetRow, Db } from './tables.ts'

const mostSummaries = 1000

export interface RunInputs {
  datasets: Map<string, DatasetInput[]>
  modelInputs: Map<string, string[]>
  modelOutputs: Map<string, ModelOutput[]>
}

/** What went into these runs and came out of them, by run id. */
export async function loadInputs(db: Db, runs: readonly string[]): Promise<RunInputs> {
  const [datasets, tags, modelInputs, modelOutputs] = await Promise.all([
    db
      .selectFrom('run_inputs as i')
      .innerJoin('datasets_logged as d', 'd.id', 'i.dataset_id')
      .selectAll('d')
      .select('i.run_id')
      .where('i.run_id', 'in', runs)
      .orderBy('i.run_id')
      .orderBy('d.name')
      .orderBy('d.digest')
      .execute(),
    db.selectFrom('run_input_tags').selectAll().where('run_id', 'in', runs).orderBy('key').execute(),
    db.selectFrom('run_model_inputs').selectAll().where('run_id', 'in', runs).orderBy('model_id').execute(),
    db
      .selectFrom('run_model_outputs')
      .selectAll()
      .where('run_id', 'in', runs)
      .orderBy('step')
      .orderBy('model_id')
      .execute(),
  ])
  const tagsOf = Map.groupBy(tags, (tag) => `${tag.run_id}/${tag.dataset_id}`)
  const result: RunInputs = { datasets: new Map(), modelInputs: new Map(), modelOutputs: new Map() }
  for (const row of datasets) {
    const entries = tagsOf.get(`${row.run_id}/${row.id}`) ?? []
    append(result.datasets, row.run_id, {
      dataset: datasetFromRow(row),
      tags: Object.fromEntries(entries.map(({ key, value }) => [key, value])),
    })
  }
  for (const row of modelInputs) append(result.modelInputs, row.run_id, row.model_id)
  for (const row of modelOutputs)
    append(result.modelOutputs, row.run_id, { model: row.model_id, step: row.step })
  return result
}

/** Links the datasets to the run; describes those that the experiment has not had yet. */
export async function addDatasetInputs(
  db: Database,
  trx: Db,
  {
    run,
    experimentId,
    datasets,
    newId,
  }: { run: string; experimentId: number; datasets: readonly DatasetInput[]; newId: () => string },
): Promise<void> {
  if (datasets.length === 0) return
  const identity = ({ name, digest }: { name: string; digest: string }) => JSON.stringify([name, digest])
  const first = new Map<string, DatasetInput>()
  for (const input of datasets) {
    const id = identity(input.dataset)
    if (!first.has(id)) first.set(id, input)
  }
  const inputs = [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, input]) => input)
  await db.insertMany(trx, {
    table: 'datasets_logged',
    columns: {
      id: 'text',
      experiment_id: 'bigint',
      name: 'text',
      digest: 'text',
      source_type: 'text',
      source: 'text',
      schema: 'text',
      profile: 'text',
    },
    rows: inputs.map(({ dataset: d }) => [
      newId(),
      experimentId,
      d.name,
      d.digest,
      d.sourceType,
      d.source,
      d.schema,
      d.profile,
    ]),
    key: ['experiment_id', 'name', 'digest'],
  })
  const stored = await trx
    .selectFrom('datasets_logged')
    .select(['id', 'name', 'digest'])
    .where('experiment_id', '=', experimentId)
    .where(
      'name',
      'in',
      inputs.map(({ dataset }) => dataset.name),
    )
    .execute()
  const idOf = new Map(stored.map((row) => [identity(row), row.id]))
  const rows = inputs.map((input) => ({ id: idOf.get(identity(input.dataset)) ?? '', tags: input.tags }))
  const added = await db.insertNew(trx, {
    table: 'run_inputs',
    columns: { run_id: 'text', dataset_id: 'text' },
    rows: rows.map(({ id }) => [run, id]),
    key: ['run_id', 'dataset_id'],
  })
  const isNew = new Set(added.map(([, dataset]) => dataset))
  await db.insertMany(trx, {
    table: 'run_input_tags',
    columns: { run_id: 'text', dataset_id: 'text', key: 'text', value: 'text' },
    rows: rows
      .filter(({ id }) => isNew.has(id))
      .flatMap(({ id, tags }) => Object.entries(tags).map(([key, value]) => [run, id, key, value])),
    key: ['run_id', 'dataset_id', 'key'],
  })
}

/** See `summarizeDatasets` of the service. */
export async function listDatasetSummaries(
  db: Db,
  experiments: readonly number[],
): Promise<DatasetSummary[]> {
  if (experiments.length === 0) return []
  const rows = await db
    .selectFrom('datasets_logged as d')
    .innerJoin('run_inputs as i', 'i.dataset_id', 'd.id')
    .innerJoin('runs as r', 'r.id', 'i.run_id')
    .leftJoin('run_input_tags as t', (join) =>
      join
        .onRef('t.run_id', '=', 'i.run_id')
        .onRef('t.dataset_id', '=', 'd.id')
        .on('t.key', '=', sql.lit('mlflow.data.context')),
    )
    .select(['d.experiment_id', 'd.name', 'd.digest', 't.value'])
    .distinct()
    .where('d.experiment_id', 'in', experiments)
    .where('r.lifecycle_stage', '=', 'active')
    .orderBy('d.experiment_id')
    .orderBy('d.name')
    .orderBy('d.digest')
    .orderBy('t.value')
    .limit(mostSummaries)
    .execute()
  return rows.map(({ experiment_id, name, digest, value }) => ({
    experimentId: String(experiment_id),
    name,
    digest,
    context: value,
  }))
}

function append<Item>(lists: Map<string, Item[]>, run: string, item: Item): void {
  const list = lists.get(run)
  if (list) list.push(item)
  else lists.set(run, [item])
}

function datasetFromRow(row: DatasetRow): LoggedDataset {
  return {
    name: row.name,
    digest: row.digest,
    sourceType: row.source_type,
    source: row.source,
    schema: row.schema,
    profile: row.profile,
  }
}
