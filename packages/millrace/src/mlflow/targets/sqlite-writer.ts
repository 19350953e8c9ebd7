import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { fail } from '@millrace/protocol/errors'
import type { Outcome } from '../move/target.ts'

type Row = Record<string, SQLInputValue>

/** Writes to an MLflow database, whichever release has made its schema. */
export interface SqliteWriter {
  /** Does all of it or nothing. */
  transaction<Result>(work: () => Result): Result
  /**
   * Adds a row, or changes what differs in the one of that key. Columns that this schema has not are left out.
   */
  put(table: string, key: Row, values?: Row): Outcome
  /** Adds a row unless it is there. @returns whether it was added */
  add(table: string, row: Row): boolean
  find(table: string, where: Row): Record<string, unknown> | undefined
  list(table: string, where: Row): IterableIterator<Record<string, unknown>>
  has(table: string): boolean
  close(): void
}

/** Tables without which there is nothing to write to. */
const required = ['experiments', 'runs', 'metrics', 'logged_models', 'registered_models', 'alembic_version']

/**
 * Opens an existing database: its schema is MLflow's own matter.
 * @throws `mlflow.target_invalid` saying how to make one
 */
export function openSqliteWriter(path: string): SqliteWriter {
  const refuse = (reason: string) => {
    const hint = `Make its tables with: mlflow db upgrade sqlite:///${path} (MLflow 3).`
    return fail('mlflow.target_invalid', { target: path, reason: `${reason} ${hint}` })
  }
  let db: DatabaseSync
  const columns = new Map<string, Set<string>>()
  try {
    // `readOnly` first: opening for writing would make an empty file.
    new DatabaseSync(path, { readOnly: true }).close()
    db = new DatabaseSync(path)
    db.exec('PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON')
    for (const { name } of db.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()) {
      const list = db.prepare('SELECT name FROM pragma_table_info(?)').all(String(name))
      columns.set(String(name), new Set(list.map((column) => String(column.name))))
    }
  } catch (error) {
    throw refuse(`${(error as Error).message}.`)
  }
  const missing = required.find((table) => !columns.has(table))
  if (missing !== undefined) throw refuse(`it has no table ${missing}.`)

  const statements = new Map<string, ReturnType<DatabaseSync['prepare']>>()
  const prepare = (sql: string) => {
    const known = statements.get(sql) ?? db.prepare(sql)
    statements.set(sql, known)
    return known
  }
  const known = (table: string, row: Row): [string, SQLInputValue][] =>
    Object.entries(row).filter(([column]) => columns.get(table)?.has(column))
  const conditionOf = (entries: readonly [string, unknown][]) =>
    entries.map(([column]) => `"${column}" = ?`).join(' AND ')

  const writer: SqliteWriter = {
    transaction(work) {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        db.exec('ROLLBACK')
        throw error
      }
    },
    put(table, key, values = {}) {
      const existing = writer.find(table, key)
      if (!existing) {
        writer.add(table, { ...key, ...values })
        return 'created'
      }
      const changed = known(table, values).filter(([column, value]) => existing[column] !== value)
      if (changed.length === 0) return 'unchanged'
      const by = known(table, key)
      const set = changed.map(([column]) => `"${column}" = ?`).join(', ')
      prepare(`UPDATE "${table}" SET ${set} WHERE ${conditionOf(by)}`).run(
        ...changed.map(([, value]) => value),
        ...by.map(([, value]) => value),
      )
      return 'changed'
    },
    add(table, row) {
      const entries = known(table, row)
      const names = entries.map(([column]) => `"${column}"`).join(', ')
      const places = entries.map(() => '?').join(', ')
      const sql = `INSERT INTO "${table}" (${names}) VALUES (${places}) ON CONFLICT DO NOTHING`
      return prepare(sql).run(...entries.map(([, value]) => value)).changes > 0
    },
    find: (table, where) => writer.list(table, where).next().value,
    list(table, where) {
      const entries = known(table, where)
      // Not cached: several may be read at once.
      const rows = db.prepare(`SELECT * FROM "${table}" WHERE ${conditionOf(entries)}`)
      return rows.iterate(...entries.map(([, value]) => value))
    },
    has: (table) => columns.has(table),
    close: () => db.close(),
  }
  return writer
}
