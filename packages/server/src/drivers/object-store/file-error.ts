import { fail, isPlatformError } from '@millrace/protocol'
import { invalid } from './keys.ts'

/** The code of a system error, such as `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

export function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** The catalogue's error for a system error about the file of `key`. */
export function translateFileError(error: unknown, key: string): unknown {
  const code = systemCode(error)
  if (isPlatformError(error) || code === undefined || !('syscall' in (error as object))) return error
  if (isMissing(error)) return fail('object.not_found', { key }, error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return fail('storage.full', { what: `object "${key}"` }, error)
  if (code === 'ELOOP') return leadsOutside(key)
  if (code === 'EISDIR' || code === 'ENOTEMPTY') return beside(key)
  return fail('storage.unavailable', { reason: (error as Error).message }, error)
}

export function leadsOutside(key: string) {
  return invalid(key, 'it leads through a symbolic link')
}

/** Folders and files share their names, so `a` cannot be an object while `a/b` is one. */
export function beside(key: string) {
  return invalid(key, 'another object begins with it as a folder, or it lies beneath another object')
}
