import type { Kysely } from 'kysely'
import type { DatasetVersion } from './dataset-version.ts'
import type { ValidationResult } from './validation.ts'

export interface DataTables {
  dataset_versions: {
    dataset: string
    version: string
    definition_version: string
    source: string
    content: string
    rows: number
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
}

type Db = Kysely<DataTables>

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

/** Newest first. */
export async function listVersions(db: Db, dataset: string, page: { offset: number; limit: number }) {
  const rows = await db
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset', '=', dataset)
    .orderBy('created_at', 'desc')
    .orderBy('validation', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(fromRow)
}

/** Adds the version unless it is there already (two ingests of the same file at once). */
export async function addVersion(db: Db, version: DatasetVersion) {
  await db
    .insertInto('dataset_versions')
    .values(toRow(version))
    .onConflict((c) => c.columns(['dataset', 'version']).doNothing())
    .execute()
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
    source: JSON.parse(row.source) as DatasetVersion['source'],
    content: JSON.parse(row.content) as DatasetVersion['content'],
    rows: row.rows,
    schema: JSON.parse(row.schema) as DatasetVersion['schema'],
    statistics: JSON.parse(row.statistics) as DatasetVersion['statistics'],
    validation: row.validation,
    createdAt: row.created_at,
  }
}

function toRow(version: DatasetVersion): DataTables['dataset_versions'] {
  return {
    dataset: version.dataset,
    version: version.version,
    definition_version: version.definition,
    source: JSON.stringify(version.source),
    content: JSON.stringify(version.content),
    rows: version.rows,
    schema: JSON.stringify(version.schema),
    statistics: JSON.stringify(version.statistics),
    validation: version.validation,
    created_at: version.createdAt,
  }
}
