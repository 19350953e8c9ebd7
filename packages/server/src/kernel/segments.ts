import { closeSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from '@millrace/protocol'

export const dayMs = 86_400_000

/** `YYYY-MM-DD` of a time, UTC. Years outside 0–9999 do not occur: requests are limited to them. */
export function dayOf(ms: number): string {
  return new Date(Math.floor(ms / dayMs) * dayMs).toISOString().slice(0, 10)
}

/** Appends lines to files of its own; nobody else ever writes to them. */
export interface SegmentWriter {
  /**
   * Writes whole lines into a partition and returns their bytes. By then they are with the operating system: they
   * survive the end of this process (`kill -9` too), though not of the machine. What a failed write left behind is
   * the end of its segment: never continued, possibly with a torn line.
   * @throws `storage.full`, `storage.unavailable`
   */
  append(partition: string, lines: string): number
  close(): void
}

export interface SegmentOptions {
  dir: string
  /** A segment that has grown to this size is followed by a new one. */
  maxBytes?: number
  /** Files that are open at the same time; the one that was used longest ago is closed first. */
  maxOpen?: number
  /** Milliseconds; part of the names. */
  now(): number
}

interface Segment {
  fd: number
  bytes: number
}

/** Counts the segments of this process: no two have the same name, whoever writes them. */
let sequence = 0

/** Writes segments `<dir>/<partition>/<started>-<pid>-<seq>.ndjson`. */
export function createSegmentWriter(options: SegmentOptions): SegmentWriter {
  const { dir, maxBytes = 64 * 1024 * 1024, maxOpen = 16, now } = options
  const open = new Map<string, Segment>()
  const started = now()

  function openSegment(partition: string): Segment {
    const folder = join(dir, partition)
    mkdirSync(folder, { recursive: true })
    const name = `${started}-${process.pid}-${String(sequence++).padStart(6, '0')}.ndjson`
    return { fd: openSync(join(folder, name), 'ax'), bytes: 0 }
  }

  function take(partition: string): Segment {
    const known = open.get(partition)
    if (known && known.bytes < maxBytes) {
      open.delete(partition)
      open.set(partition, known)
      return known
    }
    if (known) drop(partition, known)
    const segment = openSegment(partition)
    open.set(partition, segment)
    const [oldest] = open
    if (open.size > maxOpen) drop(...oldest)
    return segment
  }

  function drop(partition: string, segment: Segment): void {
    open.delete(partition)
    closeSync(segment.fd)
  }

  return {
    append(partition, lines) {
      try {
        const segment = take(partition)
        try {
          const written = writeAll(segment.fd, lines)
          segment.bytes += written
          return written
        } catch (error) {
          // A half-written line must not be continued by the next write.
          drop(partition, segment)
          throw error
        }
      } catch (error) {
        throw toPlatformError(error, dir)
      }
    },
    close() {
      for (const [partition, segment] of open) drop(partition, segment)
    },
  }
}

function writeAll(fd: number, lines: string): number {
  const bytes = Buffer.from(lines, 'utf8')
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
  return bytes.length
}

function toPlatformError(error: unknown, dir: string): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') return fail('storage.full', { what: `the log ${dir}` }, error)
  if (code === undefined) return error
  return fail('storage.unavailable', { reason: `the log ${dir} cannot be written (${code})` }, error)
}

/** All segments of the given partitions in a stable order. */
export function listSegments(dir: string, partitions: readonly string[]): string[] {
  return partitions.flatMap((partition) =>
    listNames(join(dir, partition))
      .filter((name) => name.endsWith('.ndjson'))
      .map((name) => join(dir, partition, name)),
  )
}

/** Names in a folder, sorted; none if it does not exist. */
export function listNames(dir: string): string[] {
  try {
    return readdirSync(dir).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
