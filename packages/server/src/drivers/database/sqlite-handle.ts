import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { CompiledQuery, QueryResult } from 'kysely'
import { checkedParameter } from './parameters.ts'

const cachedStatements = 500

/** One open connection with its prepared statements. Everything here is synchronous and may throw SQLITE_BUSY. */
export interface SqliteHandle {
  execute<Row>(query: CompiledQuery): QueryResult<Row>
  /** Runs the statement once for each row. @returns what it returns, or (without RETURNING) nothing */
  executeMany<Row>(sql: string, rows: readonly (readonly unknown[])[]): Row[]
  /** Runs the statement once for each row. @returns the places of the rows that changed something */
  executeEach(sql: string, rows: readonly (readonly unknown[])[]): number[]
  command(sql: string): void
  inTransaction(): boolean
  close(): void
}

export function openSqlite(path: string): SqliteHandle {
  mkdirSync(dirname(path), { recursive: true })
  // No waiting inside SQLite: it would block the event loop. The driver waits with timers instead.
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 0 })
  try {
    db.exec('PRAGMA journal_mode = WAL')
    db.exec('PRAGMA synchronous = NORMAL')
    // A transaction may touch a page per metric. With the defaults (2 MB, 1000 pages of log) it would write them several
    // times and move them to the database with an fsync at every commit.
    db.exec('PRAGMA cache_size = -32000')
    db.exec('PRAGMA wal_autocheckpoint = 8000')
    db.exec('PRAGMA journal_size_limit = 67108864')
  } catch (error) {
    db.close()
    throw error
  }
  const statements = new Map<string, { statement: StatementSync; reads: boolean }>()

  function prepare(sql: string) {
    const known = statements.get(sql)
    // Moves to the end: the first entry of the map is the least recently used.
    if (known) statements.delete(sql)
    const statement = known?.statement ?? db.prepare(sql)
    const entry = known ?? { statement, reads: statement.columns().length > 0 }
    statements.set(sql, entry)
    const oldest = statements.keys().next().value
    if (statements.size > cachedStatements && oldest !== undefined) statements.delete(oldest)
    return entry
  }

  return {
    execute<Row>(query: CompiledQuery): QueryResult<Row> {
      const { statement, reads } = prepare(query.sql)
      const parameters = query.parameters.map(toSqlite)
      if (reads) return { rows: statement.all(...parameters) as Row[] }
      const { changes, lastInsertRowid } = statement.run(...parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    },
    executeMany<Row>(sql: string, rows: readonly (readonly unknown[])[]): Row[] {
      const { statement, reads } = prepare(sql)
      const returned: Row[] = []
      for (const row of rows) {
        // Columns have declared types, which make integers of whole doubles: no bigint is needed here.
        const parameters = row.map(checkedParameter)
        if (!reads) statement.run(...parameters)
        else {
          const result = statement.get(...parameters)
          if (result) returned.push(result as Row)
        }
      }
      return returned
    },
    executeEach(sql, rows) {
      const { statement } = prepare(sql)
      const changed: number[] = []
      for (let i = 0; i < rows.length; i++) {
        if (statement.run(...rows[i].map(checkedParameter)).changes > 0) changed.push(i)
      }
      return changed
    },
    command(sql) {
      db.exec(sql)
    },
    inTransaction: () => db.isTransaction,
    close: () => {
      statements.clear()
      db.close()
    },
  }
}

/** Whole numbers are bound as integers: as doubles they would reach text columns and concatenations as "5.0". */
function toSqlite(value: unknown) {
  const parameter = checkedParameter(value)
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter
}
