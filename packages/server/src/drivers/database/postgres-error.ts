import { isPlatformError } from '@millrace/protocol'
import { DatabaseError } from 'pg'
import { storageError, transactionFailed } from './translate-error.ts'

/** SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const serializationFailures = new Set(['40001', '40P01'])
const uniqueViolation = '23505'
const diskFull = '53100'
const abortedTransaction = '25P02'
/** Unsupported, wrong data, constraints, transaction state, syntax: trying again would not help. */
const rejectedClasses = new Set(['0A', '22', '23', '25', '42'])

/** True when the database gave up one of several concurrent transactions: it may be run again as a whole. */
export function isSerializationFailure(error: unknown): boolean {
  const cause = isPlatformError(error) ? error.cause : error
  return cause instanceof DatabaseError && serializationFailures.has(cause.code ?? '')
}

/** True when the server or the network ended the connection: by anything but an ordinary answer, or a shutdown. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof DatabaseError) return /^(08|57P)/.test(error.code ?? '')
  return !isPlatformError(error) && !(error instanceof TypeError) && !(error instanceof RangeError)
}

/** The catalogue's error for an error of `pg`; wrong use by a programmer passes unchanged. */
export function translatePostgresError(error: unknown): unknown {
  if (isPlatformError(error) || error instanceof TypeError || error instanceof RangeError) return error
  const reason = error instanceof Error ? error.message : String(error)
  if (!(error instanceof DatabaseError)) return storageError({ kind: 'unavailable', reason }, error)
  const code = error.code ?? ''
  if (code === abortedTransaction) return transactionFailed(error)
  if (code === uniqueViolation) {
    const columns = /\((.*?)\)=/.exec(error.detail ?? '')?.[1] ?? error.constraint
    const what = `A row with the same ${error.table} (${columns})`
    return storageError({ kind: 'conflict', what, reason }, error)
  }
  if (code === diskFull) return storageError({ kind: 'full', what: 'the PostgreSQL database', reason }, error)
  const kind = rejectedClasses.has(code.slice(0, 2)) ? 'rejected' : 'unavailable'
  return storageError({ kind, reason }, error)
}
