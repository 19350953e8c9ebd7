import type { Kysely } from 'kysely'
import type { DatasetVersion, DatasetVersionRef } from './dataset-version.ts'
import type { TagTables } from './tags.ts'
import type { ValidationResult } from './validation.ts'

export interface DataTables extends TagTables {
  dataset_versions: {
    dataset: string
    version: string
    /** Counts the versions of the dataset, from 1. */
    sequence: number
    definition_version: string
    base: string | null
    source: string
    bytes: number
    rows: number
    part_count: number
    schema: string
    statistics: string
    validation: string
    created_at: number
  }
  dataset_validations: {
    id: string
    dataset: string
    version: string
    success: number
    accepted: number
    result: string
    created_at: number
  }
  /** The parts of each version. A content that is in no row here is in no version. */
  dataset_version_parts: {
    dataset: string
    version: string
    position: number
    digest: string
    bytes: number
    rows: number
    min_time: number | null
    max_time: number | null
  }
  /** What has been read when a part was the last one of a version: what its rows came from. */
  dataset_part_files: {
    dataset: string
    part: string
    path: string
    digest: string
  }
  /** Rows that could not be read and were kept aside: Parquet files in the content store. */
  dataset_rejected: {
    dataset: string
    version: string
    digest: string
    bytes: number
    rows: number
    created_at: number
  }
  /** What is known of the rows of a dataset's newest version: serialized values in base64. */
  dataset_totals: {
    dataset: string
    version: string
    totals: string
  }
  /** What an ingestion gave: equal inputs (a hash of them) need not be read again. */
  dataset_ingests: {
    dataset: string
    inputs: string
    version: string
    definition_version: string
    /** A hash of all expectations that let the version pass; null where it was not kept. */
    expectations: string | null
    /** Names the salt of its hashes: empty without any, null where it was not kept. */
    salt: string | null
    created_at: number
  }
  /** Versions that work under way needs: until it lets go of them, or the time is over. */
  dataset_version_holds: {
    id: string
    dataset: string
    version: string
    holder: string
    expires_at: number
  }
}

export type Db = Kysely<DataTables>

/** One check of a would-be version. `accepted` is false when a failed expectation stopped it. */
export interface StoredValidation {
  id: string
  dataset: string
  version: string
  accepted: boolean
  result: ValidationResult
  /** Milliseconds. */
  createdAt: number
}

export async function findVersion(db: Db, dataset: string, version: string) {
  const row = await db
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The one registered last. */
export async function findLatest(db: Db, dataset: string): Promise<DatasetVersion | undefined> {
  const [latest] = await listVersions(db, dataset, { offset: 0, limit: 1 })
  return latest
}

/** Newest first. */
export async function listVersions(db: Db, dataset: string, page: { offset: number; limit: number }) {
  const rows = await db
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset', '=', dataset)
    .orderBy('sequence', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(fromRow)
}

/** The latest that is not this one, which may be registered or not. */
export async function findLatestBeside(
  db: Db,
  { dataset, version }: DatasetVersionRef,
): Promise<DatasetVersion | undefined> {
  const [found] = (await listVersions(db, dataset, { offset: 0, limit: 2 })).filter(
    (one) => one.version !== version,
  )
  return found
}

/** The version registered before this one, which is registered. */
export async function findVersionBefore(
  db: Db,
  dataset: string,
  version: string,
): Promise<DatasetVersion | undefined> {
  const known = await db
    .selectFrom('dataset_versions')
    .select('sequence')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .executeTakeFirst()
  let query = db.selectFrom('dataset_versions').selectAll().where('dataset', '=', dataset)
  if (known) query = query.where('sequence', '<', known.sequence)
  const row = await query.orderBy('sequence', 'desc').limit(1).executeTakeFirst()
  return row && fromRow(row)
}

/** Within a transaction: adds the version unless it is there already (two ingests of the same rows at once). @returns whether it was added */
export async function addVersion(db: Db, version: DatasetVersion): Promise<boolean> {
  const sequence = (await lastSequence(db, version.dataset)) + 1
  const added = await db
    .insertInto('dataset_versions')
    .values({ ...toRow(version), sequence })
    .onConflict((c) => c.columns(['dataset', 'version']).doNothing())
    .returning('version')
    .executeTakeFirst()
  return added !== undefined
}

/**
 * Within a transaction: makes a version the latest, as a source has these rows again.
 * @returns false if it is not there (any more)
 */
export async function makeLatest(db: Db, { dataset, version }: DatasetVersionRef): Promise<boolean> {
  const found = await db
    .selectFrom('dataset_versions')
    .select('sequence')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .executeTakeFirst()
  if (!found) return false
  const last = await lastSequence(db, dataset)
  if (found.sequence < last) {
    await db
      .updateTable('dataset_versions')
      .set({ sequence: last + 1 })
      .where('dataset', '=', dataset)
      .where('version', '=', version)
      .execute()
  }
  return true
}

async function lastSequence(db: Db, dataset: string): Promise<number> {
  const last = await db
    .selectFrom('dataset_versions')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('dataset', '=', dataset)
    .executeTakeFirst()
  return last?.sequence ?? 0
}

export async function addValidation(db: Db, validation: StoredValidation) {
  await db
    .insertInto('dataset_validations')
    .values({
      id: validation.id,
      dataset: validation.dataset,
      version: validation.version,
      success: validation.result.success ? 1 : 0,
      accepted: validation.accepted ? 1 : 0,
      result: JSON.stringify(validation.result),
      created_at: validation.createdAt,
    })
    .execute()
}

/** Newest first. */
export async function listValidations(db: Db, dataset: string, page: { offset: number; limit: number }) {
  const rows = await db
    .selectFrom('dataset_validations')
    .selectAll()
    .where('dataset', '=', dataset)
    .orderBy('id', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(
    (row): StoredValidation => ({
      id: row.id,
      dataset: row.dataset,
      version: row.version,
      accepted: row.accepted === 1,
      result: JSON.parse(row.result) as ValidationResult,
      createdAt: row.created_at,
    }),
  )
}

function fromRow(row: DataTables['dataset_versions']): DatasetVersion {
  return {
    dataset: row.dataset,
    version: row.version,
    definition: row.definition_version,
    ...(row.base !== null && { base: row.base }),
    source: JSON.parse(row.source) as DatasetVersion['source'],
    bytes: row.bytes,
    rows: row.rows,
    partCount: row.part_count,
    schema: JSON.parse(row.schema) as DatasetVersion['schema'],
    statistics: JSON.parse(row.statistics) as DatasetVersion['statistics'],
    validation: row.validation,
    createdAt: row.created_at,
  }
}

function toRow(version: DatasetVersion): Omit<DataTables['dataset_versions'], 'sequence'> {
  return {
    dataset: version.dataset,
    version: version.version,
    definition_version: version.definition,
    base: version.base ?? null,
    source: JSON.stringify(version.source),
    bytes: version.bytes,
    rows: version.rows,
    part_count: version.partCount,
    schema: JSON.stringify(version.schema),
    statistics: JSON.stringify(version.statistics),
    validation: version.validation,
    created_at: version.createdAt,
  }
}
