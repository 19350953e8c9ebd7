import { isPlatformError } from '@millrace/protocol/errors'

/** What went wrong, in one line. What the server refused is told in its own words. */
export function reasonOf(error: unknown): string {
  if (isPlatformError(error) && error.code === 'mlflow.refused') return String(error.details.reason)
  return error instanceof Error ? error.message : String(error)
}

/** Errors after which going on with the next thing makes no sense. */
export function isFatal(error: unknown): boolean {
  if (!isPlatformError(error)) return false
  const status = Number(error.details.status)
  return (
    error.code === 'mlflow.unavailable' ||
    (error.code === 'mlflow.refused' && [401, 403, 507].includes(status))
  )
}
