import { fail } from '@millrace/protocol'

/** Milliseconds: rows that became known with `after < time <= until`; `after` null = from the start. */
export interface Interval {
  after: number | null
  until: number
}

/** More would be a mistake in the length of one. */
const maxIntervals = 10_000

/**
 * Cuts a range into intervals that end on multiples of `everyMs`, the earliest first.
 * @param first when the first row became known: there is nothing before it; null = there are no rows
 * @throws `feature.range_invalid` if they were too many
 */
export function cutRange(
  view: string,
  { after, until }: Interval,
  { everyMs, first }: { everyMs: number; first: number | null },
): Interval[] {
  const start = Math.max(after ?? Number.NEGATIVE_INFINITY, first ?? Number.NEGATIVE_INFINITY)
  if (first === null || start >= until) return [{ after, until }]
  const earliest = Math.floor(start / everyMs)
  const count = Math.ceil(until / everyMs) - earliest
  if (count > maxIntervals) {
    throw fail('feature.range_invalid', {
      view,
      reason: `it has ${count} intervals of ${everyMs} ms, and ${maxIntervals} are the most: make them longer`,
    })
  }
  const intervals: Interval[] = []
  for (let from = after, end = (earliest + 1) * everyMs; ; end += everyMs) {
    intervals.push({ after: from, until: Math.min(end, until) })
    if (end >= until) return intervals
    from = end
  }
}
