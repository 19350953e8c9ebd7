import type { Schema } from '@millrace/protocol'
import type { ColumnTotals } from './column-totals.ts'
import type { RowTotals } from './expectations/row-totals.ts'
import type { Addition } from './ingest-append.ts'
import type { IngestDeps } from './ingestion.ts'
import type { DataTables } from './store.ts'
import { findTotals, type VersionTotals } from './totals-store.ts'

/** Totals of the version that is appended to, where they are those of its rows as they are now; and how to keep others. */
export async function openTotals(
  { db, lake }: Pick<IngestDeps, 'db' | 'lake'>,
  base: Addition['base'],
  schema: Schema,
): Promise<{
  before: VersionTotals | undefined
  with(columns: ColumnTotals[], rows: RowTotals): VersionTotals
}> {
  const [{ engine }] = await lake.rows<{ engine: string }>('SELECT version() AS engine')
  const names = Object.keys(schema)
  const kept = base && !base.evolution ? await findTotals(db.tables<DataTables>(), base.version) : undefined
  const isSame = kept?.engine === engine && kept.names.join() === names.join()
  return {
    before: isSame ? kept : undefined,
    with: (columns, rows) => ({ engine, names, columns, rows }),
  }
}
