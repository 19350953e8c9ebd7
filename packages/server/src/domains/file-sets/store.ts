import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { FileSetSummary, FileSetVersion } from './file-set.ts'

export interface FileSetTables {
  file_set_versions: {
    file_set: string
    version: string
    number: number
    files: number
    bytes: number
    message: string | null
    created_at: number
    added_at: number
  }
  file_set_pages: {
    file_set: string
    version: string
    position: number
    page: string
    first_path: string
  }
}

type Db = Kysely<FileSetTables>

export interface ManifestPage {
  /** The blob that the page is. */
  page: string
  firstPath: string
}

interface NewVersion extends Omit<FileSetVersion, 'createdAt' | 'addedAt'> {
  pages: readonly ManifestPage[]
}

/** Makes it the latest version; one that is there already stays what it is. */
export async function addVersion(
  db: Database,
  { pages, message, ...version }: NewVersion,
  now: number,
): Promise<FileSetVersion> {
  return db.transaction<FileSetTables, FileSetVersion>(async (trx) => {
    const { fileSet: file_set, version: id, files, bytes } = version
    const number = (await latestNumber(trx, file_set)) + 1
    const row = await trx
      .insertInto('file_set_versions')
      .values({
        file_set,
        version: id,
        files,
        bytes,
        number,
        message: message ?? null,
        created_at: now,
        added_at: now,
      })
      .onConflict((c) =>
        c.columns(['file_set', 'version']).doUpdateSet({ number, message: message ?? null, added_at: now }),
      )
      .returningAll()
      .executeTakeFirstOrThrow()
    await db.insertMany(trx, {
      table: 'file_set_pages',
      columns: { file_set: 'text', version: 'text', position: 'bigint', page: 'text', first_path: 'text' },
      key: ['file_set', 'version', 'position'],
      rows: pages.map(({ page, firstPath }, position) => [file_set, id, position, page, firstPath]),
    })
    return fromRow(row)
  })
}

/** Within a transaction. */
export async function removeVersion(
  trx: Db,
  { fileSet, version }: { fileSet: string; version: string },
): Promise<void> {
  for (const table of ['file_set_pages', 'file_set_versions'] as const) {
    await trx.deleteFrom(table).where('file_set', '=', fileSet).where('version', '=', version).execute()
  }
}

/** How many versions were added after this one. */
export async function countLater(
  db: Db,
  { fileSet, version }: { fileSet: string; version: string },
): Promise<number> {
  const row = await db
    .selectFrom('file_set_versions as v')
    .innerJoin('file_set_versions as later', (join) =>
      join.onRef('later.file_set', '=', 'v.file_set').onRef('later.number', '>', 'v.number'),
    )
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('v.file_set', '=', fileSet)
    .where('v.version', '=', version)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

async function latestNumber(db: Db, fileSet: string): Promise<number> {
  const row = await db
    .selectFrom('file_set_versions')
    .select((e) => e.fn.max('number').as('number'))
    .where('file_set', '=', fileSet)
    .executeTakeFirst()
  return row?.number ?? 0
}

/** The version whose id begins so; several if it is not clear. */
export async function findVersions(db: Db, fileSet: string, beginning: string): Promise<FileSetVersion[]> {
  const rows = await db
    .selectFrom('file_set_versions')
    .selectAll()
    .where('file_set', '=', fileSet)
    .where('version', '>=', beginning)
    .where('version', '<', `${beginning}g`)
    .limit(2)
    .execute()
  return rows.map(fromRow)
}

/** Latest first. */
export async function listVersions(db: Db, fileSet: string, page: { offset: number; limit: number }) {
  const rows = await db
    .selectFrom('file_set_versions')
    .selectAll()
    .where('file_set', '=', fileSet)
    .orderBy('number', 'desc')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return rows.map(fromRow)
}

/** By name. */
export async function listFileSets(
  db: Db,
  page: { offset: number; limit: number },
): Promise<FileSetSummary[]> {
  const sets = await db
    .selectFrom('file_set_versions')
    .select((e) => ['file_set', e.fn.countAll<number>().as('versions'), e.fn.max('number').as('number')])
    .groupBy('file_set')
    .orderBy('file_set')
    .offset(page.offset)
    .limit(page.limit)
    .execute()
  return Promise.all(
    sets.map(async ({ file_set, versions, number }) => {
      const latest = await db
        .selectFrom('file_set_versions')
        .selectAll()
        .where('file_set', '=', file_set)
        .where('number', '=', number)
        .executeTakeFirstOrThrow()
      return { name: file_set, versions: Number(versions), latest: fromRow(latest) }
    }),
  )
}

export async function listManifestPages(
  db: Db,
  { fileSet, version }: { fileSet: string; version: string },
): Promise<ManifestPage[]> {
  const rows = await db
    .selectFrom('file_set_pages')
    .select(['page', 'first_path'])
    .where('file_set', '=', fileSet)
    .where('version', '=', version)
    .orderBy('position')
    .execute()
  return rows.map(({ page, first_path }) => ({ page, firstPath: first_path }))
}

function fromRow(row: FileSetTables['file_set_versions']): FileSetVersion {
  return {
    fileSet: row.file_set,
    version: row.version,
    files: row.files,
    bytes: row.bytes,
    ...(row.message !== null && { message: row.message }),
    createdAt: row.created_at,
    addedAt: row.added_at,
  }
}
