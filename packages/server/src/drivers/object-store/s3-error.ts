import { S3ServiceException } from '@aws-sdk/client-s3'
import { fail, isPlatformError } from '@millrace/protocol'

/** The HTTP status that the store answered with. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

/** The catalogue's error for an error of the S3 client about `key`. */
export function translateS3Error(error: unknown, key: string): unknown {
  if (isPlatformError(error) || error instanceof TypeError) return error
  const status = statusOf(error)
  if (status === 404 && !(error instanceof Error && error.name === 'NoSuchBucket')) {
    return fail('object.not_found', { key }, error)
  }
  // 409: a concurrent conditional put of the same key is about to win.
  if (status === 412 || status === 409) return fail('object.exists', { key }, error)
  if (status === 507) return fail('storage.full', { what: `object "${key}"` }, error)
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return fail('storage.unavailable', { reason: `object "${key}": ${reason}` }, error)
}
