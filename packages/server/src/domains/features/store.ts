import type { Kysely } from 'kysely'
import type { DatasetVersionRef } from '../data/index.ts'

export interface FeatureTables {
  feature_materializations: {
    view: string
    view_version: string
    dataset: string
    dataset_version: string
    /** JSON: versions of the other datasets that a query reads. */
    joined: string | null
    until: number
    rows: number
    updated_at: number
  }
  training_sets: {
    inputs: string
    digest: string
    name: string
    rows: number
    created_at: number
    /** 0 of sets from before `training_set_datasets`. */
    datasets_noted: number
  }
  /** The versions of datasets that a training set was made from. */
  training_set_datasets: { dataset: string; version: string; digest: string }
}

export type Db = Kysely<FeatureTables>

/** How far a version of a feature view has been written to the online store, and out of which dataset version. */
export interface Materialization {
  view: string
  viewVersion: string
  dataset: DatasetVersionRef
  /** Versions of the other datasets, if its rows come from a query. */
  joined?: DatasetVersionRef[]
  /** Milliseconds. */
  until: number
  /** Keys written by the last call. */
  rows: number
  updatedAt: number
}

export async function findMaterialization(
  db: Db,
  view: string,
  viewVersion: string,
): Promise<Materialization | undefined> {
  const row = await db
    .selectFrom('feature_materializations')
    .selectAll()
    .where('view', '=', view)
    .where('view_version', '=', viewVersion)
    .executeTakeFirst()
  return (
    row && {
      view: row.view,
      viewVersion: row.view_version,
      dataset: { dataset: row.dataset, version: row.dataset_version },
      ...(row.joined !== null && { joined: JSON.parse(row.joined) as DatasetVersionRef[] }),
      until: row.until,
      rows: row.rows,
      updatedAt: row.updated_at,
    }
  )
}

export async function saveMaterialization(db: Db, done: Materialization) {
  const changing = {
    dataset: done.dataset.dataset,
    dataset_version: done.dataset.version,
    joined: done.joined ? JSON.stringify(done.joined) : null,
    until: done.until,
    rows: done.rows,
    updated_at: done.updatedAt,
  }
  await db
    .insertInto('feature_materializations')
    .values({ view: done.view, view_version: done.viewVersion, ...changing })
    .onConflict((c) => c.columns(['view', 'view_version']).doUpdateSet(changing))
    .execute()
}

/** The training set that was built from the same inputs. */
export async function findTrainingSet(db: Db, inputs: string) {
  return db
    .selectFrom('training_sets')
    .select(['digest', 'name', 'rows'])
    .where('inputs', '=', inputs)
    .executeTakeFirst()
}

/** Within a transaction. */
export async function addTrainingSet(
  trx: Db,
  built: {
    inputs: string
    digest: string
    name: string
    rows: number
    datasets: readonly DatasetVersionRef[]
    now: number
  },
) {
  const { now, datasets, ...values } = built
  await noteDatasets(trx, { digest: built.digest, datasets })
  await trx
    .insertInto('training_sets')
    .values({ ...values, created_at: now, datasets_noted: 1 })
    .onConflict((c) => c.column('inputs').doNothing())
    .execute()
}

/** Within a transaction: which versions a training set was made from, so that they stay. */
export async function noteDatasets(
  trx: Db,
  { digest, datasets }: { digest: string; datasets: readonly DatasetVersionRef[] },
): Promise<void> {
  for (const { dataset, version } of datasets) {
    await trx
      .insertInto('training_set_datasets')
      .values({ dataset, version, digest })
      .onConflict((c) => c.columns(['dataset', 'version', 'digest']).doNothing())
      .execute()
  }
}

/** Those that were made from a version of a dataset, newest first; each once. */
export async function listTrainingSetsFrom(
  db: Db,
  { dataset, version }: DatasetVersionRef,
  limit: number,
): Promise<{ name: string; digest: string }[]> {
  return db
    .selectFrom('training_set_datasets as used')
    .innerJoin('training_sets as built', 'built.digest', 'used.digest')
    .select(['built.name', 'built.digest'])
    .where('used.dataset', '=', dataset)
    .where('used.version', '=', version)
    .groupBy(['built.name', 'built.digest'])
    .orderBy((e) => e.fn.max('built.created_at'), 'desc')
    .orderBy('built.digest')
    .limit(limit)
    .execute()
}

/** Newest first; all without a name. */
export async function listTrainingSets(
  db: Db,
  { name }: { name?: string },
  { offset, limit }: { offset: number; limit: number },
): Promise<{ digest: string; createdAt: number }[]> {
  const rows = await db
    .selectFrom('training_sets')
    .select(['digest', 'created_at'])
    .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('inputs')
    .offset(offset)
    .limit(limit)
    .execute()
  return rows.map((row) => ({ digest: row.digest, createdAt: row.created_at }))
}
