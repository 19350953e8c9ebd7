import { fail } from '@millrace/protocol'
import type { Database } from '../../ports/database.ts'
import type { Db } from './tables.ts'

/** @throws `run.param_conflict` for a parameter that has another value already */
export async function addParams(
  db: Database,
  trx: Db,
  run: string,
  params: ReadonlyMap<string, string>,
): Promise<void> {
  const added = await db.insertNew(trx, {
    table: 'run_params',
    columns: { run_id: 'text', key: 'text', value: 'text' },
    rows: rowsOf(run, params),
    key: ['run_id', 'key'],
  })
  if (added.length === params.size) return
  const isNew = new Set(added.map(([, key]) => key))
  const rest = [...params.keys()].filter((key) => !isNew.has(key))
  const existing = await trx
    .selectFrom('run_params')
    .select(['key', 'value'])
    .where('run_id', '=', run)
    .where('key', 'in', rest)
    .orderBy('key')
    .execute()
  for (const { key, value } of existing) {
    const wanted = params.get(key) ?? ''
    if (value !== wanted) {
      throw fail('run.param_conflict', { run, key, existing: JSON.stringify(value), value: wanted })
    }
  }
}

export async function setTags(
  db: Database,
  trx: Db,
  run: string,
  tags: ReadonlyMap<string, string>,
): Promise<void> {
  await db.insertMany(trx, {
    table: 'run_tags',
    columns: { run_id: 'text', key: 'text', value: 'text' },
    rows: rowsOf(run, tags),
    key: ['run_id', 'key'],
    update: { value: 'excluded.value' },
  })
}

/** @returns false if there is none */
export async function removeTag(trx: Db, run: string, key: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('run_tags')
    .where('run_id', '=', run)
    .where('key', '=', key)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Sorted, so that concurrent writers lock rows in one order. */
function rowsOf(run: string, entries: ReadonlyMap<string, string>) {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [run, key, value])
}
