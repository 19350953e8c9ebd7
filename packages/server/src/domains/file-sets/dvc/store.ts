import type { Kysely } from 'kysely'
import type { Database } from '../../../ports/database.ts'
import { batchSize } from '../blobs/blob-tables.ts'

export interface DvcTables {
  dvc_objects: { project: string; object: string; blob: string; created_at: number }
  blobs: { digest: string; size: number }
}

export interface DvcObject {
  /** MD5, with `.dir` at its end for the list of a folder. */
  object: string
  digest: string
  size: number
}

/** Those of the objects that the project has. */
export async function findObjects(
  db: Kysely<DvcTables>,
  project: string,
  objects: readonly string[],
): Promise<Map<string, DvcObject>> {
  const found = new Map<string, DvcObject>()
  for (let at = 0; at < objects.length; at += batchSize) {
    const rows = await db
      .selectFrom('dvc_objects as o')
      .innerJoin('blobs as b', 'b.digest', 'o.blob')
      .select(['o.object', 'b.digest', 'b.size'])
      .where('o.project', '=', project)
      .where('o.object', 'in', objects.slice(at, at + batchSize))
      .execute()
    for (const row of rows) found.set(row.object, row)
  }
  return found
}

/** An object that is there already stays. */
export async function addObjects(
  db: Database,
  project: string,
  objects: readonly { object: string; digest: string }[],
  now: number,
): Promise<void> {
  await db.transaction<DvcTables, void>(async (trx) => {
    await db.insertMany(trx, {
      table: 'dvc_objects',
      columns: { project: 'text', object: 'text', blob: 'text', created_at: 'bigint' },
      key: ['project', 'object'],
      rows: objects.map(({ object, digest }) => [project, object, digest, now]),
    })
  })
}
