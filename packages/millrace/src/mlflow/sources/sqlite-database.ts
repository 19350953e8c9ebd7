import { DatabaseSync, type SQLOutputValue } from 'node:sqlite'
import { fail } from '@millrace/protocol/errors'

export type Row = Record<string, SQLOutputValue>

/** An MLflow database opened to be read, whichever release has made its schema. */
export interface SqliteReader {
  readonly path: string
  has(table: string): boolean
  /**
   * Rows one after another. Columns of other releases that this database has not are null; the table must exist.
   * @throws `mlflow.source_invalid`
   */
  select(
    table: string,
    columns: readonly string[],
    options?: { where?: Row; orderBy?: string },
  ): IterableIterator<Row>
  count(table: string, where?: Row): number
  close(): void
}

/** @throws `mlflow.source_not_found` for a file that is no MLflow database */
export function openSqlite(path: string): SqliteReader {
  let db: DatabaseSync
  try {
    db = new DatabaseSync(path, { readOnly: true })
    // Another process may be writing.
    db.exec('PRAGMA busy_timeout = 10000')
    db.prepare('SELECT count(*) FROM experiments').get()
  } catch (error) {
    const reason = `${(error as Error).message}.`
    throw fail('mlflow.source_not_found', { source: path, reason }, error)
  }
  const columns = new Map<string, Set<string>>()
  for (const { name } of db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()) {
    const list = db.prepare('SELECT name FROM pragma_table_info(?)').all(String(name))
    columns.set(String(name), new Set(list.map((column) => String(column.name))))
  }
  const conditionOf = (where: Row) =>
    Object.keys(where).length > 0
      ? ` WHERE ${Object.keys(where)
          .map((key) => `"${key}" = ?`)
          .join(' AND ')}`
      : ''

  return {
    path,
    has: (table) => columns.has(table),
    *select(table, wanted, { where = {}, orderBy } = {}) {
      const present = columns.get(table) ?? new Set()
      const list = wanted.map((column) => (present.has(column) ? `"${column}"` : `NULL AS "${column}"`))
      const order = orderBy ? ` ORDER BY ${orderBy}` : ''
      const statement = db.prepare(`SELECT ${list.join(', ')} FROM "${table}"${conditionOf(where)}${order}`)
      try {
        yield* statement.iterate(...Object.values(where)) as IterableIterator<Row>
      } catch (error) {
        const at = `${path}, table ${table} ${JSON.stringify(where)}`
        throw fail('mlflow.source_invalid', { where: at, reason: (error as Error).message }, error)
      }
    },
    count(table, where = {}) {
      if (!columns.has(table)) return 0
      const statement = db.prepare(`SELECT count(*) AS count FROM "${table}"${conditionOf(where)}`)
      return Number(statement.get(...Object.values(where))?.count)
    },
    close: () => db.close(),
  }
}

/** Typed access to one row. */
export const text = (row: Row, column: string): string => String(row[column] ?? '')
export const textOrNull = (row: Row, column: string): string | null =>
  row[column] === null ? null : String(row[column])
export const integer = (row: Row, column: string): number => Number(row[column] ?? 0)
export const integerOrNull = (row: Row, column: string): number | null =>
  row[column] === null ? null : Number(row[column])
