import { fail } from '@millrace/protocol'
import type { ReadComparison } from './consistency.ts'

export interface ConsistencyInput {
  /** Event times of the reads, milliseconds, `from <= t < until`. */
  from: number
  until: number
  /** Share of the keys whose reads are compared, 0 to 1. Default: all. */
  sample?: number
  /** Share of reads of a feature that may differ before it is an alert. Default: 0.01. */
  tolerated?: number
  signal?: AbortSignal
}

/** Logs are kept by days with years of four digits. */
const endOfDays = Date.UTC(10_000, 0, 1)

/**
 * The input with its defaults.
 * @throws `request.invalid` for an empty range, times before 1970 or after 9999, and shares that are none
 */
export function checkConsistencyInput(input: ConsistencyInput) {
  const { from, until, sample = 1, tolerated = 0.01, signal } = input
  if (!(from < until)) throw fail('request.invalid', { reason: `from ${from} must be before until ${until}` })
  for (const [field, time] of Object.entries({ from, until })) {
    if (!(time >= 0 && time < endOfDays))
      throw fail('request.invalid', { reason: `${field} must be a time from 1970 to 9999, got ${time}` })
  }
  for (const [field, share] of Object.entries({ sample, tolerated })) {
    if (!(share >= 0 && share <= 1))
      throw fail('request.invalid', { reason: `${field} must be a share from 0 to 1, got ${share}` })
  }
  return { range: { from, until }, sample, tolerated, signal }
}

/** Of all comparisons, the features that differ in more reads than is tolerated, worst first. */
export function findInconsistent<Compared extends Pick<ReadComparison, 'reads' | 'features'>>(
  comparisons: readonly Compared[],
  tolerated: number,
): { feature: string; share: number; of: Compared }[] {
  return comparisons
    .flatMap((of) =>
      of.features.map(({ feature, mismatched, missing, extra }) => {
        return { feature, share: of.reads === 0 ? 0 : (mismatched + missing + extra) / of.reads, of }
      }),
    )
    .filter(({ share }) => share > tolerated)
    .sort((a, b) => b.share - a.share)
}
