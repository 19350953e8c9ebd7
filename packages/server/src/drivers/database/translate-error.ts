import { fail, type PlatformError } from '@millrace/protocol'

/** What a driver knows about a vendor's error; the same facts give the same catalogue error on every engine. */
export interface VendorFacts {
  kind: 'conflict' | 'full' | 'rejected' | 'unavailable'
  /** The table and columns of a conflict, or the place that is full. */
  what?: string
  reason: string
}

export function storageError(facts: VendorFacts, cause: unknown): PlatformError {
  const { kind, reason, what = 'a row' } = facts
  if (kind === 'conflict') return fail('storage.conflict', { what }, cause)
  if (kind === 'full') return fail('storage.full', { what }, cause)
  if (kind === 'rejected') return fail('storage.rejected', { reason }, cause)
  return fail('storage.unavailable', { reason }, cause)
}

/** After a failed statement a transaction can only be rolled back. */
export function transactionFailed(cause?: unknown): PlatformError {
  return fail('storage.rejected', { reason: 'an earlier statement of the transaction failed' }, cause)
}
