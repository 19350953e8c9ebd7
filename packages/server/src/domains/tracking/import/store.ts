import { newHexId } from '../../../kernel/ids.ts'
import type { Database } from '../../../ports/database.ts'
import { type Metric, toStored } from '../metric.ts'
import { metricFromRow } from '../run-store.ts'
import type { Db } from '../tables.ts'
import type { ImportedLoggedModel, ImportedModelMetric, ImportedRun } from './imported.ts'

const entryColumns = { key: 'text', value: 'text' } as const

/** Adds entries and changes those that differ. @returns how many were added or changed */
export async function putEntries(
  db: Database,
  trx: Db,
  into: { table: string; owner: string; id: string | number },
  entries: Readonly<Record<string, string>>,
): Promise<number> {
  const { table, owner, id } = into
  const ownerType = typeof id === 'number' ? 'bigint' : 'text'
  const existing = new Map(await listEntries(trx, into))
  const rows = Object.entries(entries).filter(([key, value]) => existing.get(key) !== value)
  await db.insertMany(trx, {
    table,
    columns: { [owner]: ownerType, ...entryColumns },
    rows: rows.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [id, key, value]),
    key: [owner, 'key'],
    update: { value: 'excluded.value' },
  })
  return rows.length
}

async function listEntries(
  trx: Db,
  { table, owner, id }: { table: string; owner: string; id: string | number },
): Promise<[string, string][]> {
  const rows = await trx
    .selectFrom(table as 'run_tags')
    .select(['key', 'value'])
    .where(owner as 'run_id', '=', id as string)
    .execute()
  return rows.map(({ key, value }) => [key, value])
}

/** Adds what the run has used and made. @returns how many links were added */
export async function putLinks(db: Database, trx: Db, run: ImportedRun): Promise<number> {
  let added = 0
  for (const { dataset, tags } of run.inputs) {
    const id = await putDataset(db, trx, run.experimentId, dataset)
    const linked = await db.insertMany(trx, {
      table: 'run_inputs',
      columns: { run_id: 'text', dataset_id: 'text' },
      rows: [[run.id, id]],
      key: ['run_id', 'dataset_id'],
      returning: ['dataset_id'],
    })
    added += linked.length
    await db.insertMany(trx, {
      table: 'run_input_tags',
      columns: { run_id: 'text', dataset_id: 'text', ...entryColumns },
      rows: Object.entries(tags).map(([key, value]) => [run.id, id, key, value]),
      key: ['run_id', 'dataset_id', 'key'],
      update: { value: 'excluded.value' },
    })
  }
  const inputs = await db.insertMany(trx, {
    table: 'run_model_inputs',
    columns: { run_id: 'text', model_id: 'text' },
    rows: run.modelInputs.map((model) => [run.id, model]),
    key: ['run_id', 'model_id'],
    returning: ['model_id'],
  })
  const outputs = await db.insertMany(trx, {
    table: 'run_model_outputs',
    columns: { run_id: 'text', model_id: 'text', step: 'bigint' },
    rows: run.modelOutputs.map(({ model, step }) => [run.id, model, step]),
    key: ['run_id', 'model_id', 'step'],
    returning: ['model_id'],
  })
  return added + inputs.length + outputs.length
}

/** A dataset is described by whoever names it first. */
async function putDataset(
  db: Database,
  trx: Db,
  experiment: string,
  dataset: ImportedRun['inputs'][number]['dataset'],
): Promise<string> {
  const { name, digest } = dataset
  const find = () =>
    trx
      .selectFrom('datasets_logged')
      .select('id')
      .where('experiment_id', '=', Number(experiment))
      .where('name', '=', name)
      .where('digest', '=', digest)
      .executeTakeFirst()
  const existing = await find()
  if (existing) return existing.id
  const id = newHexId()
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
    rows: [
      [
        id,
        Number(experiment),
        name,
        digest,
        dataset.sourceType,
        dataset.source,
        dataset.schema,
        dataset.profile,
      ],
    ],
    key: ['experiment_id', 'name', 'digest'],
  })
  return (await find())?.id ?? id
}

/** @returns how many points were new */
export async function putModelMetrics(db: Database, trx: Db, model: ImportedLoggedModel): Promise<number> {
  const added = await db.insertMany(trx, {
    table: 'logged_model_metrics',
    columns: {
      model_id: 'text',
      run_id: 'text',
      key: 'text',
      at: 'bigint',
      step: 'bigint',
      value: 'double precision',
      special: 'text',
      dataset_name: 'text',
      dataset_digest: 'text',
    },
    rows: model.metrics.map(({ run, key, at, step, value, dataset }) => {
      const stored = toStored(value)
      return [
        model.id,
        run,
        key,
        at,
        step,
        stored.value,
        stored.special,
        dataset?.name ?? '',
        dataset?.digest ?? '',
      ]
    }),
    key: ['model_id', 'key', 'run_id', 'dataset_name', 'dataset_digest', 'at', 'step', 'value', 'special'],
    returning: ['key'],
  })
  return added.length
}

/** Every point that was measured of a logged model, in the order of the table's key. */
export async function listModelPoints(
  db: Db,
  model: string,
  range: { offset: number; limit: number },
): Promise<ImportedModelMetric[]> {
  const rows = await db
    .selectFrom('logged_model_metrics')
    .selectAll()
    .where('model_id', '=', model)
    .orderBy('key')
    .orderBy('run_id')
    .orderBy('dataset_name')
    .orderBy('dataset_digest')
    .orderBy('at')
    .orderBy('step')
    .orderBy('value')
    .orderBy('special')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map((row) => ({
    ...metricFromRow(row),
    run: row.run_id,
    dataset: row.dataset_name === '' ? null : { name: row.dataset_name, digest: row.dataset_digest },
  }))
}

/** Every point of a run, of all its metrics, in the order of the table's key after a point. */
export async function listPoints(
  db: Db,
  run: string,
  { after, limit }: { after: Metric | undefined; limit: number },
): Promise<Metric[]> {
  let query = db.selectFrom('run_metrics').selectAll().where('run_id', '=', run)
  if (after) {
    const { value, special } = toStored(after.value)
    query = query.where((eb) =>
      eb(
        eb.refTuple('key', 'at', 'step', 'value', 'special'),
        '>',
        eb.tuple(after.key, after.at, after.step, value, special),
      ),
    )
  }
  const rows = await query
    .orderBy('key')
    .orderBy('at')
    .orderBy('step')
    .orderBy('value')
    .orderBy('special')
    .limit(limit)
    .execute()
  return rows.map(metricFromRow)
}
