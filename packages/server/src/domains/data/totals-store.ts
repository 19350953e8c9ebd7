import { deserialize, serialize } from 'node:v8'
import type { ColumnTotals } from './column-totals.ts'
import type { DatasetVersionRef } from './dataset-version.ts'
import type { RowTotals } from './expectations/row-totals.ts'
import type { Db } from './store.ts'

/** What is known of a version's rows so that an append need not read them again. */
export interface VersionTotals {
  /** Of the engine that took them: hashes of another one may be others. */
  engine: string
  /** In the order of the schema's columns, which are {@link names}. */
  columns: ColumnTotals[]
  names: string[]
  rows: RowTotals
}

/** Undefined if they were not kept: they are of the newest version of a dataset alone. */
export async function findTotals(
  db: Db,
  { dataset, version }: DatasetVersionRef,
): Promise<VersionTotals | undefined> {
  const row = await db
    .selectFrom('dataset_totals')
    .select('totals')
    .where('dataset', '=', dataset)
    .where('version', '=', version)
    .executeTakeFirst()
  // Not JSON: numbers may be infinite.
  return row && (deserialize(Buffer.from(row.totals, 'base64')) as VersionTotals)
}

/** Within a transaction: in place of those of the version before. */
export async function keepTotals(
  db: Db,
  { dataset, version }: DatasetVersionRef,
  kept: VersionTotals,
): Promise<void> {
  const totals = serialize(kept).toString('base64')
  await db
    .insertInto('dataset_totals')
    .values({ dataset, version, totals })
    .onConflict((c) => c.column('dataset').doUpdateSet({ version, totals }))
    .execute()
}
