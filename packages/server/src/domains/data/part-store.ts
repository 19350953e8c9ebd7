import type { Database } from '../../ports/database.ts'
import type { DatasetVersionRef } from './dataset-version.ts'
import type { Part } from './part.ts'
import type { SourceFile } from './sources/source.ts'
import type { Db } from './store.ts'

/** In their order; all of them without a page. */
export async function listParts(
  db: Db,
  { dataset, version }: DatasetVersionRef,
  page?: { offset: number; limit: number },
): Promise<Part[]> {
  let query = db
    .selectFrom('dataset_version_parts')
    .select(['digest', 'bytes', 'rows', 'min_time', 'max_time'])
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .orderBy('position')
  if (page) query = query.offset(page.offset).limit(page.limit)
  const rows = await query.execute()
  return rows.map(({ min_time, max_time, ...part }) => ({
    ...part,
    ...(min_time !== null && { minTime: min_time }),
    ...(max_time !== null && { maxTime: max_time }),
  }))
}

/** Within a transaction. */
export async function addParts(
  db: Database,
  trx: Db,
  { dataset, version, parts }: DatasetVersionRef & { parts: readonly Part[] },
): Promise<void> {
  await db.insertMany(trx, {
    table: 'dataset_version_parts',
    columns: {
      dataset: 'text',
      version: 'text',
      position: 'bigint',
      digest: 'text',
      bytes: 'bigint',
      rows: 'bigint',
      min_time: 'double precision',
      max_time: 'double precision',
    },
    key: ['dataset', 'version', 'position'],
    rows: parts.map(({ digest, bytes, rows, minTime = null, maxTime = null }, position) => [
      dataset,
      version,
      position,
      digest,
      bytes,
      rows,
      minTime,
      maxTime,
    ]),
  })
}

/** Path (from the project folder) and digest of the files that the parts of a version were read from. */
export async function findReadFiles(db: Db, { dataset, version }: DatasetVersionRef) {
  return db
    .selectFrom('dataset_version_parts as p')
    .innerJoin('dataset_part_files as f', (on) =>
      on.onRef('f.dataset', '=', 'p.dataset').onRef('f.part', '=', 'p.digest'),
    )
    .where('p.dataset', '=', dataset)
    .where('p.version', '=', version)
    .select(['f.path', 'f.digest'])
    .execute()
}

/** Within a transaction. */
export async function addReadFiles(
  db: Database,
  trx: Db,
  {
    dataset,
    part,
    files,
  }: { dataset: string; part: string; files: readonly Pick<SourceFile, 'name' | 'digest'>[] },
): Promise<void> {
  await db.insertMany(trx, {
    table: 'dataset_part_files',
    columns: { dataset: 'text', part: 'text', path: 'text', digest: 'text' },
    key: ['dataset', 'part', 'path', 'digest'],
    rows: files.map(({ name, digest }) => [dataset, part, name, digest]),
  })
}

/** Within a transaction: what parts were read from holds for the part that took their place; itself, too, is in it. */
export async function copyReadFiles(
  db: Database,
  trx: Db,
  { dataset, from, to }: { dataset: string; from: readonly string[]; to: string },
): Promise<void> {
  const files = await trx
    .selectFrom('dataset_part_files')
    .select(['path as name', 'digest'])
    .where('dataset', '=', dataset)
    .where('part', 'in', from)
    .execute()
  const parts = from.map((digest) => ({ name: `part:${digest}`, digest }))
  await addReadFiles(db, trx, { dataset, part: to, files: [...files, ...parts] })
}
