import type { Kysely } from 'kysely'
import type { LineageQuery, ModelVersion, VersionStatus } from './model-version.ts'

interface VersionRow {
  model: string
  version: number
  idempotency_key: string | null
  status: string
  reason: string
  manifest: string
  run_id: string | null
  training_set: string | null
  gate: string
  tags: string
  lineage: string
  created_at: number
}

export interface AliasRow {
  model: string
  alias: string
  sequence: number
  version: number
  set_at: number
  set_by: string
  reason: string
}

export interface RegistryTables {
  registered_models: { name: string; created_at: number }
  model_versions: VersionRow
  model_version_datasets: { dataset: string; dataset_version: string; model: string; version: number }
  model_aliases: AliasRow
}

export type Db = Kysely<RegistryTables>
type Range = { offset: number; limit: number }

export async function ensureModel(db: Db, name: string, now: number): Promise<void> {
  await db
    .insertInto('registered_models')
    .values({ name, created_at: now })
    .onConflict((c) => c.column('name').doNothing())
    .execute()
}

export async function findModel(db: Db, name: string) {
  return db.selectFrom('registered_models').selectAll().where('name', '=', name).executeTakeFirst()
}

/** By name. */
export async function listModels(db: Db, range: Range) {
  const query = db.selectFrom('registered_models').selectAll().orderBy('name')
  return query.offset(range.offset).limit(range.limit).execute()
}

/** 0 if there is none. */
export async function lastVersion(db: Db, model: string): Promise<number> {
  const { last } = await db
    .selectFrom('model_versions')
    .select((e) => e.fn.max('version').as('last'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow()
  return Number(last ?? 0)
}

export async function addVersion(db: Db, version: ModelVersion, key: string | undefined): Promise<void> {
  await db.insertInto('model_versions').values(toRow(version, key)).execute()
  const { model, lineage } = version
  const distinct = new Map(lineage.datasets.map((ref) => [JSON.stringify([ref.dataset, ref.version]), ref]))
  if (distinct.size === 0) return
  await db
    .insertInto('model_version_datasets')
    .values(
      [...distinct.values()].map((ref) => ({
        dataset: ref.dataset,
        dataset_version: ref.version,
        model,
        version: version.version,
      })),
    )
    .execute()
}

export async function findVersion(db: Db, by: { model: string; version: number } | { key: string }) {
  const query = db.selectFrom('model_versions').selectAll()
  const row = await ('key' in by
    ? query.where('idempotency_key', '=', by.key)
    : query.where('model', '=', by.model).where('version', '=', by.version)
  ).executeTakeFirst()
  return row && fromRow(row)
}

/** Newest first. */
export async function listVersions(db: Db, model: string, range: Range): Promise<ModelVersion[]> {
  const rows = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('model', '=', model)
    .orderBy('version', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

/** By model, newest first. */
export async function listVersionsBy(db: Db, by: LineageQuery, range: Range): Promise<ModelVersion[]> {
  let query = db.selectFrom('model_versions').selectAll('model_versions')
  if ('run' in by) query = query.where('run_id', '=', by.run)
  else if ('trainingSet' in by) query = query.where('training_set', '=', by.trainingSet)
  else {
    query = query.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('model_version_datasets as used')
          .select('used.version')
          .where('used.dataset', '=', by.dataset)
          .where('used.dataset_version', '=', by.version)
          .whereRef('used.model', '=', 'model_versions.model')
          .whereRef('used.version', '=', 'model_versions.version'),
      ),
    )
  }
  const rows = await query
    .orderBy('model')
    .orderBy('version', 'desc')
    .offset(range.offset)
    .limit(range.limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow(row: VersionRow): ModelVersion {
  return {
    model: row.model,
    version: row.version,
    status: row.status as VersionStatus,
    reason: row.reason,
    manifest: row.manifest,
    gate: JSON.parse(row.gate) as ModelVersion['gate'],
    tags: JSON.parse(row.tags) as ModelVersion['tags'],
    lineage: JSON.parse(row.lineage) as ModelVersion['lineage'],
    createdAt: row.created_at,
  }
}

function toRow(version: ModelVersion, key: string | undefined): VersionRow {
  return {
    model: version.model,
    version: version.version,
    idempotency_key: key ?? null,
    status: version.status,
    reason: version.reason,
    manifest: version.manifest,
    run_id: version.lineage.run,
    training_set: version.lineage.trainingSet,
    gate: JSON.stringify(version.gate),
    tags: JSON.stringify(version.tags),
    lineage: JSON.stringify(version.lineage),
    created_at: version.createdAt,
  }
}
