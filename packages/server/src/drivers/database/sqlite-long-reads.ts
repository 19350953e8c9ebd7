import { Worker } from 'node:worker_threads'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import { checkedParameter } from './parameters.ts'
import { translateSqliteError } from './sqlite-error.ts'
import type { ReaderAnswer, ReaderRequest, ReaderSetup } from './sqlite-reader-thread.ts'
import { storageError } from './translate-error.ts'

/** Two, so that one search that looks at everything does not hold up all others. */
const threads = 2

interface Reader {
  worker: Worker
  pending: Map<number, PromiseWithResolvers<QueryResult<unknown>>>
}

/**
 * Runs statements in threads, each with a connection of its own that can only read. A thread is started by the first
 * statement that finds no idle one, and does not keep the process alive while it has nothing to do.
 */
export function createSqliteLongReads(setup: ReaderSetup): Driver {
  const readers = new Set<Reader>()
  let lastId = 0
  let closed = false

  function start(): Reader {
    const worker = new Worker(new URL('./sqlite-reader-thread.ts', import.meta.url), {
      workerData: setup,
      execArgv: [],
    })
    const reader: Reader = { worker, pending: new Map() }
    const end = (cause: unknown) => {
      readers.delete(reader)
      const reason = cause instanceof Error ? cause.message : `a thread that read ${setup.path} ended`
      for (const { reject } of reader.pending.values()) {
        reject(
          closed
            ? new TypeError(`The database ${setup.path} is closed`)
            : openError(cause, reason, setup.path),
        )
      }
      reader.pending.clear()
    }
    worker.on('message', (answer: ReaderAnswer) => settle(reader, answer))
    worker.on('error', end)
    worker.on('exit', end)
    worker.unref()
    readers.add(reader)
    return reader
  }

  function settle({ pending, worker }: Reader, answer: ReaderAnswer): void {
    const waiting = pending.get(answer.id)
    pending.delete(answer.id)
    if (pending.size === 0) worker.unref()
    if ('error' in answer) waiting?.reject(toError(answer.error, setup.path))
    else waiting?.resolve({ rows: rowsOf(answer) })
  }

  function leastBusy(): Reader {
    const [best] = [...readers].sort((a, b) => a.pending.size - b.pending.size)
    return best && (best.pending.size === 0 || readers.size >= threads) ? best : start()
  }

  async function execute<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    if (closed) throw new TypeError(`The database ${setup.path} is closed`)
    const request: ReaderRequest = { id: ++lastId, sql, parameters: parameters.map(toSqlite) }
    const { pending, worker } = leastBusy()
    const answered = Promise.withResolvers<QueryResult<unknown>>()
    pending.set(request.id, answered)
    worker.ref()
    worker.postMessage(request)
    return (await answered.promise) as QueryResult<Row>
  }

  const connection: DatabaseConnection = {
    executeQuery: execute,
    streamQuery: () => {
      throw new TypeError('Queries are not streamed from the database; read page by page')
    },
  }
  const noTransaction = async () => {
    throw new TypeError('Long reads have no transactions')
  }
  return {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: noTransaction,
    commitTransaction: noTransaction,
    rollbackTransaction: noTransaction,
    releaseConnection: async () => undefined,
    async destroy() {
      closed = true
      await Promise.all([...readers].map(({ worker }) => worker.terminate()))
    },
  }
}

function rowsOf({ names, columns, rows }: Extract<ReaderAnswer, { rows: number }>): unknown[] {
  const objects: Record<string, unknown>[] = []
  for (let row = 0; row < rows; row++) {
    const object: Record<string, unknown> = {}
    for (let column = 0; column < names.length; column++) object[names[column]] = columns[column][row]
    objects.push(object)
  }
  return objects
}

const readOnly = 8

function toError(
  { message, errcode, kind }: { message: string; errcode?: number; kind: string },
  path: string,
) {
  if (errcode === undefined) return kind === 'RangeError' ? new RangeError(message) : new TypeError(message)
  const error = Object.assign(new Error(message), { errcode })
  if ((errcode & 0xff) === readOnly) return storageError({ kind: 'rejected', reason: message }, error)
  return translateSqliteError(error, path)
}

/** Opening failed, or the thread ended in another way. */
function openError(cause: unknown, reason: string, path: string): unknown {
  const translated = cause instanceof Error ? translateSqliteError(cause, path) : undefined
  return translated === cause || !translated
    ? storageError({ kind: 'unavailable', reason }, cause)
    : translated
}

/** Whole numbers are bound as integers, as in `sqlite-handle.ts`. */
function toSqlite(value: unknown) {
  const parameter = checkedParameter(value)
  return typeof parameter === 'number' && Number.isSafeInteger(parameter) ? BigInt(parameter) : parameter
}
