import { fail, isPlatformError } from '@millrace/protocol'

/**
 * Runs work that reads the source; what the lake cannot read is the source's fault. Where values are hidden its message,
 * which may quote some, is not told.
 */
export async function reading<Result>(
  { dataset, path, hidesValues }: { dataset: string; path: string; hidesValues: boolean },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    const reason = reasonOf(String(error.details.reason), hidesValues)
    throw fail('dataset.source_unreadable', { dataset, path, reason }, hidesValues ? undefined : error)
  }
}

/** The limits of the engine's readers, in its words. */
const tooLong = /maximum_object_size|maximum line size/i

function reasonOf(told: string, hidesValues: boolean): string {
  if (tooLong.test(told)) return 'one of its rows is too long: a line may have 16 MB, one of CSV 2 MB'
  return hidesValues
    ? 'it is not in its format (what is wrong is not told, as the dataset hides values)'
    : told
}
