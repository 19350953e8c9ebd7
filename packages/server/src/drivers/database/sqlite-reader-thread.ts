import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Parameter } from './parameters.ts'

/** What the thread is started with. */
export interface ReaderSetup {
  path: string
  busyTimeoutMs: number
}

export interface ReaderRequest {
  id: number
  sql: string
  parameters: Parameter[]
}

/** Rows column by column, which is much cheaper to pass between threads than objects; or the error of a statement. */
export type ReaderAnswer =
  | { id: number; names: string[]; columns: unknown[][]; rows: number }
  | { id: number; error: { message: string; errcode?: number; kind: string } }

/** Memory-mapped pages spare a system call for each page that a long read visits. */
const mappedBytes = 2 ** 31
const cacheKiB = 16 * 1024
const cachedStatements = 200

const { path, busyTimeoutMs } = workerData as ReaderSetup
// Waiting inside SQLite holds up this thread alone.
const db = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs })
db.exec(`PRAGMA mmap_size = ${mappedBytes}`)
db.exec(`PRAGMA cache_size = -${cacheKiB}`)
const statements = new Map<string, StatementSync>()

function prepare(sql: string): StatementSync {
  const statement = statements.get(sql) ?? db.prepare(sql)
  statement.setReturnArrays(true)
  // Moves to the end: the first entry of the map is the least recently used.
  statements.delete(sql)
  statements.set(sql, statement)
  const oldest = statements.keys().next().value
  if (statements.size > cachedStatements && oldest !== undefined) statements.delete(oldest)
  return statement
}

function answer({ id, sql, parameters }: ReaderRequest): ReaderAnswer {
  try {
    const statement = prepare(sql)
    const rows = statement.all(...parameters) as unknown as unknown[][]
    const names = statement.columns().map(({ name }) => name)
    return { id, names, columns: names.map((_, i) => rows.map((row) => row[i])), rows: rows.length }
  } catch (error) {
    const { message, name, errcode } = error as Error & { errcode?: number }
    return { id, error: { message, errcode, kind: name } }
  }
}

parentPort?.on('message', (request: ReaderRequest) => parentPort?.postMessage(answer(request)))
