import type { Entries, Lifecycle } from '../store.ts'
import { type Row, type SqliteReader, text } from './sqlite-database.ts'

/** Workspaces came late; a row of an earlier schema is of the default one. */
export function isDefaultWorkspace(row: Row): boolean {
  return (row.workspace ?? 'default') === 'default'
}

export function lifecycleOf(row: Row): Lifecycle {
  return row.lifecycle_stage === 'deleted' ? 'deleted' : 'active'
}

/** Tags or params; none if this release had no such table. */
export function readEntries(
  db: SqliteReader,
  table: string,
  where: Row,
  [key, value]: [key: string, value: string] = ['key', 'value'],
): Entries {
  if (!db.has(table)) return {}
  const rows = db.select(table, [key, value], { where, orderBy: `"${key}"` })
  return Object.fromEntries(Array.from(rows, (row) => [text(row, key), text(row, value)]))
}
