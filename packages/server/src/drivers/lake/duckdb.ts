import { rename, rm } from 'node:fs/promises'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { fail, isPlatformError } from '@millrace/protocol'
import { quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { appendColumns } from './append-columns.ts'
import { toPlain } from './plain-values.ts'
import { readBatches, readColumns } from './read-columns.ts'

export interface DuckDbLakeOptions {
  /** Default: the engine's, one per core. */
  threads?: number
  /** Beyond it the engine spills to `tempDir`. */
  memoryLimitMb?: number
  /** Folder for spilled data; the engine creates it when needed. */
  tempDir: string
}

/** How often an aborted statement is interrupted again: an interrupt between two steps of it is lost. */
const interruptEveryMs = 20

/** Rows of a part: ten of the engine's vectors. */
const defaultBatch = 20_480

/** The lake on an in-memory DuckDB database. One connection per running call, kept for the next. */
export async function createDuckDbLake(options: DuckDbLakeOptions): Promise<Lake> {
  const instance = await DuckDBInstance.create(':memory:', {
    temp_directory: options.tempDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    ...(options.memoryLimitMb === undefined ? {} : { memory_limit: `${options.memoryLimitMb}MB` }),
  })
  const first = await instance.connect()
  await first.run(`SET GLOBAL TimeZone = 'UTC'; SET GLOBAL lock_configuration = true`)
  const idle: DuckDBConnection[] = [first]
  const busy = new Set<Promise<unknown>>()
  let closed = false

  function use<Result>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<Result>,
  ): Promise<Result> {
    const running = withConnection(signal, work)
    busy.add(running)
    const forget = () => busy.delete(running)
    running.then(forget, forget)
    return running
  }

  async function withConnection<Result>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<Result>,
  ): Promise<Result> {
    if (closed) throw new TypeError('The lake is closed')
    signal?.throwIfAborted()
    const connection = idle.pop() ?? (await instance.connect())
    let timer: NodeJS.Timeout | undefined
    const interrupt = () => {
      connection.interrupt()
      timer = setTimeout(interrupt, interruptEveryMs)
    }
    signal?.addEventListener('abort', interrupt, { once: true })
    try {
      return await work(connection)
    } catch (error) {
      signal?.throwIfAborted()
      throw toPlatformError(error)
    } finally {
      signal?.removeEventListener('abort', interrupt)
      clearTimeout(timer)
      idle.push(connection)
    }
  }

  return {
    rows: <Row extends object>(sql: string, { signal }: LakeOptions = {}) =>
      use(signal, async (connection) => {
        const reader = await connection.runAndReadAll(sql)
        return reader.getRowObjects().map((row) => toPlain(row) as Row)
      }),
    columns: (sql, { signal } = {}) => use(signal, (connection) => readColumns(connection, sql)),
    batches: (sql, take, { signal, rows = defaultBatch } = {}) =>
      use(signal, (connection) =>
        readBatches(connection, sql, {
          rows,
          take: async (part) => {
            await take(part)
            signal?.throwIfAborted()
          },
        }),
      ),
    run: (sql, { signal } = {}) =>
      use(signal, async (connection) => {
        await connection.run(sql)
      }),
    load: (table, columns, { signal } = {}) =>
      use(signal, (connection) => appendColumns(connection, table, columns)),
    writeParquet: (sql, path, { signal } = {}) =>
      use(signal, async (connection) => {
        const temporary = `${path}.${process.pid}.writing`
        try {
          const result = await connection.runAndReadAll(
            `COPY (${sql}) TO ${quoteText(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
          )
          await rename(temporary, path)
          return Number(result.getRows()[0]?.[0] ?? 0)
        } finally {
          await rm(temporary, { force: true })
        }
      }),
    async close() {
      if (closed) return
      closed = true
      await Promise.allSettled(busy)
      for (const connection of idle) connection.closeSync()
      instance.closeSync()
    },
  }
}

function toPlatformError(error: unknown): unknown {
  if (isPlatformError(error) || !(error instanceof Error) || error instanceof TypeError) return error
  // The first paragraph says what is wrong; what follows is advice for the engine's own shell.
  const reason = error.message.split(/\n\n|\nLINE /)[0].replaceAll('\n', '; ')
  if (/no space left|disk.*full/i.test(reason)) return fail('storage.full', { what: 'lake data' }, error)
  return fail('lake.query_failed', { reason }, error)
}
