import { setTimeout as sleep } from 'node:timers/promises'
import { isPlatformError } from '@millrace/protocol'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type { ManyRows } from '../../ports/database.ts'
import { insertManyOutside, insertManySql } from './insert-many.ts'
import { createMutex } from './mutex.ts'
import { isBusy, translateSqliteError } from './sqlite-error.ts'
import { openSqlite, type SqliteHandle } from './sqlite-handle.ts'
import type { TransactionScope } from './transaction-scope.ts'
import { transactionFailed } from './translate-error.ts'

export interface SqliteDriverOptions {
  path: string
  /** How long a statement waits for a writer in another process, milliseconds. */
  busyTimeoutMs: number
  scope: TransactionScope
}

export interface SqliteConnection extends DatabaseConnection {
  insertMany<Row>(insert: ManyRows): Promise<Row[]>
  insertNew(insert: ManyRows): Promise<number[]>
  /** Gives the writer back; set while the connection is in a transaction. */
  release?: () => void
  /** A statement of the transaction failed. */
  failed?: boolean
}

/**
 * Two connections to one file: a writer, used by one caller at a time in the order of asking, and a reader for
 * queries outside transactions, which WAL lets read while the writer writes.
 */
export function createSqliteDriver({ path, busyTimeoutMs, scope }: SqliteDriverOptions): Driver {
  const mutex = createMutex()
  let handles: { writer: SqliteHandle; reader: SqliteHandle } | undefined

  function opened() {
    if (!handles) throw new TypeError(`The database ${path} is closed`)
    return handles
  }

  /** Runs it until no other process is in the way, without blocking the event loop. */
  async function patiently<Result>(attempt: () => Result): Promise<Result> {
    const deadline = performance.now() + busyTimeoutMs
    for (let delay = 1; ; delay = Math.min(delay * 2, 16)) {
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw translateSqliteError(error, path)
      }
      await sleep(delay * (0.5 + Math.random()))
    }
  }

  async function execute<Row>(connection: SqliteConnection, query: CompiledQuery): Promise<QueryResult<Row>> {
    const { writer, reader } = opened()
    if (connection.release) return executeInTransaction(connection, () => writer.execute<Row>(query))
    if (query.query.kind === 'SelectQueryNode') return patiently(() => reader.execute<Row>(query))
    scope.assertOutside('A statement through the database')
    const release = await mutex.acquire()
    try {
      return await patiently(() => writer.execute<Row>(query))
    } finally {
      release()
    }
  }

  /** After an error only a rollback is left, as in PostgreSQL: what runs here runs there. */
  async function executeInTransaction<Result>(connection: SqliteConnection, attempt: () => Result) {
    if (connection.failed) throw transactionFailed()
    try {
      return await patiently(attempt)
    } catch (error) {
      connection.failed = isPlatformError(error) && error.code.startsWith('storage.')
      throw error
    }
  }

  function createConnection(): SqliteConnection {
    const connection: SqliteConnection = {
      executeQuery: (query) => execute(connection, query),
      async insertMany<Row>(insert: ManyRows) {
        if (!connection.release) throw insertManyOutside()
        const sql = insertManySql(insert, valuesOf(insert))
        return executeInTransaction(connection, () => opened().writer.executeMany<Row>(sql, insert.rows))
      },
      async insertNew(insert) {
        if (!connection.release) throw insertManyOutside()
        const sql = insertManySql(insert, valuesOf(insert))
        return executeInTransaction(connection, () => opened().writer.executeEach(sql, insert.rows))
      },
      streamQuery: () => {
        throw new TypeError('Queries are not streamed from the database; read page by page')
      },
    }
    return connection
  }

  return {
    async init() {
      const writer = await patiently(() => openSqlite(path))
      handles = { writer, reader: await patiently(() => openSqlite(path)) }
    },
    acquireConnection: async () => createConnection(),
    async beginTransaction(connection: SqliteConnection) {
      connection.release = await mutex.acquire()
      // IMMEDIATE takes the write lock now, so nothing that the transaction reads can change under it.
      await patiently(() => opened().writer.command('BEGIN IMMEDIATE'))
    },
    async commitTransaction(connection: SqliteConnection) {
      if (connection.failed) throw transactionFailed()
      await patiently(() => opened().writer.command('COMMIT'))
    },
    async rollbackTransaction() {
      // A full disk makes SQLite roll back by itself.
      const { writer } = opened()
      if (writer.inTransaction()) await patiently(() => writer.command('ROLLBACK'))
    },
    async releaseConnection(connection: SqliteConnection) {
      connection.release?.()
    },
    async destroy() {
      const release = await mutex.acquire()
      handles?.reader.close()
      handles?.writer.close()
      handles = undefined
      release()
    },
  }
}

function valuesOf({ columns }: ManyRows): string {
  return `values (${Object.keys(columns).fill('?').join(', ')})`
}
