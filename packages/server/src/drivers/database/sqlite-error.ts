import { isPlatformError } from '@millrace/protocol'
import { storageError } from './translate-error.ts'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const codes = { error: 1, busy: 5, locked: 6, full: 13, constraint: 19, mismatch: 20, range: 25 }
const uniqueConstraints = new Set([1555, 2067, 2579])

interface SqliteError extends Error {
  code: 'ERR_SQLITE_ERROR'
  errcode: number
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** True while another connection holds the lock that the statement needs. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [codes.busy, codes.locked].includes(error.errcode & 0xff)
}

/** The catalogue's error for an error of `node:sqlite`; wrong use by a programmer passes unchanged. */
export function translateSqliteError(error: unknown, path: string): unknown {
  if (isPlatformError(error) || !isSqliteError(error)) return error
  if (uniqueConstraints.has(error.errcode)) {
    const columns = /failed: (.*)$/.exec(error.message)?.[1]
    return storageError({ kind: 'conflict', what: `A row with the same ${columns}`, reason: '' }, error)
  }
  const primary = error.errcode & 0xff
  if (primary === codes.full) return storageError({ kind: 'full', what: path, reason: '' }, error)
  const rejected = [codes.error, codes.constraint, codes.mismatch, codes.range].includes(primary)
  if (rejected) return storageError({ kind: 'rejected', reason: error.message }, error)
  const reason = isBusy(error) ? `another process keeps ${path} locked` : `${error.message} (${path})`
  return storageError({ kind: 'unavailable', reason }, error)
}
