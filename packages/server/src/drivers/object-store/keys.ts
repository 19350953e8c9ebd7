import { fail } from '@millrace/protocol'

const maxKeyBytes = 1024
/** What file systems allow for one name. */
const maxSegmentBytes = 255
const segmentPattern = /^[A-Za-z0-9._=@+-]+$/

/** @throws `object.invalid_key` with the rule that the key breaks. */
export function assertKey(key: string): void {
  if (key.length > maxKeyBytes) throw invalid(key, `it is longer than ${maxKeyBytes} bytes`)
  for (const segment of key.split('/')) assertSegment(key, segment)
}

/**
 * A prefix is the beginning of a key and may end anywhere in it; `''` is the beginning of all.
 *
 * @throws `object.invalid_key` if no key can begin like this.
 */
export function assertPrefix(prefix: string): void {
  if (prefix.length > maxKeyBytes) throw invalid(prefix, `it is longer than ${maxKeyBytes} bytes`)
  const segments = prefix.split('/')
  const last = segments.pop()
  for (const segment of segments) assertSegment(prefix, segment)
  if (last && !segmentPattern.test(last)) throw invalid(prefix, characterRule)
}

export function isSegment(name: string): boolean {
  return name !== '.' && name !== '..' && segmentPattern.test(name)
}

/** @throws `TypeError` unless it is a range `[start, end)` of whole, non-negative offsets. */
export function assertRange({ start, end }: { start: number; end: number }): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start) return
  throw new TypeError(`[${start}, ${end}) is not a range of bytes`)
}

/** @throws `TypeError` unless it is a whole number above zero; at most `maxPage` are returned at once. */
export function pageLimit(limit: number = maxPage): number {
  if (Number.isSafeInteger(limit) && limit > 0) return Math.min(limit, maxPage)
  throw new TypeError(`A page of ${limit} objects cannot be listed`)
}

const maxPage = 1000
const characterRule = 'it may only have A-Z a-z 0-9 . _ = @ + - and / between segments'

function assertSegment(key: string, segment: string): void {
  if (segment === '') throw invalid(key, 'it has an empty segment')
  if (segment === '.' || segment === '..') throw invalid(key, `the segment "${segment}" is not allowed`)
  if (!segmentPattern.test(segment)) throw invalid(key, characterRule)
  if (segment.length > maxSegmentBytes)
    throw invalid(key, `a segment is longer than ${maxSegmentBytes} bytes`)
}

export function invalid(key: string, reason: string) {
  return fail('object.invalid_key', { key, reason })
}
