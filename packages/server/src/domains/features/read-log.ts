import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { canonicalJson, sha256 } from '../../kernel/hash.ts'
import type { Logger } from '../../kernel/logger.ts'
import { createSegmentWriter, dayOf, type SegmentWriter } from '../../kernel/segments.ts'
import type { Database } from '../../ports/database.ts'
import type { OnlineLookup } from './online-lookup.ts'
import { createReadTaker, type LoggedRead, type LoggedService, lineOf } from './read-line.ts'
import type { LoggedReads } from './read-logging.ts'
import { createReadSampler } from './read-sample.ts'
import { addReadVersion } from './read-store.ts'
import { formatReadVersion } from './read-version.ts'
import { planOfView } from './service-plan.ts'

/** Rows since the start of the process. */
export interface ReadCounts {
  logged: number
  /** Those that the log could not keep up with, or could not write. */
  dropped: number
}

/**
 * A sample of the online reads of feature services. It is written a moment after they were answered, so the last second
 * of it may be lost with the process; no read waits for it, and what is too much for it is dropped and counted.
 */
export interface ReadLog {
  /** Folder of the segments: `<dir>/<service>/<event day>/<version>`. */
  readonly dir: string
  /** The look-up with its reads logged, if the feature service wants that; else the same. */
  watch(lookup: OnlineLookup, reads: LoggedReads): OnlineLookup
  /** Writes what is waiting. */
  flush(): Promise<void>
  /** By feature service. */
  counts(): ReadonlyMap<string, Readonly<ReadCounts>>
  close(): Promise<void>
}

interface ReadLogDeps {
  db: Database
  clock: Clock
  dir: string
  logger: Pick<Logger, 'warn'>
}

/** Values that may wait: some tens of megabytes. */
const mostCells = 500_000
/** Values that are written in one turn of the event loop. */
const cellsPerTurn = 20_000
const waitMs = 1000
/** Days are named by years of four digits. */
const endOfDays = Date.UTC(10_000, 0, 1)

export function createReadLog({ db, clock, dir, logger }: ReadLogDeps): ReadLog {
  const counts = new Map<string, ReadCounts>()
  const writers = new Map<string, SegmentWriter>()
  const noted = new Set<string>()
  let waiting: LoggedRead[] = []
  let cells = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined

  function countsOf(service: string): ReadCounts {
    const found = counts.get(service) ?? { logged: 0, dropped: 0 }
    counts.set(service, found)
    return found
  }

  function add(read: LoggedRead): void {
    const isDated = read.eventTime >= 0 && read.eventTime < endOfDays
    if (!isDated || cells + read.service.cells > mostCells) {
      countsOf(read.service.name).dropped++
      return
    }
    waiting.push(read)
    cells += read.service.cells
    if (timer) return
    timer = setTimeout(() => void flush(), waitMs)
    timer.unref()
  }

  function writerOf(service: string): SegmentWriter {
    const writer = writers.get(service) ?? createSegmentWriter({ dir: join(dir, service), now: clock.now })
    writers.set(service, writer)
    return writer
  }

  /** Before the first line: without its definitions a read cannot be computed again. */
  async function note({ name, version, definitions }: LoggedService): Promise<void> {
    const id = `${name}/${version}`
    if (noted.has(id)) return
    await addReadVersion(db, { service: name, version, definitions, now: clock.now() })
    noted.add(id)
  }

  async function write(reads: readonly LoggedRead[]): Promise<void> {
    const byDay = Map.groupBy(
      reads,
      ({ service, eventTime }) => `${service.name}/${dayOf(eventTime)}/${service.version}`,
    )
    for (const some of byDay.values()) {
      const [{ service, eventTime }] = some
      const counted = countsOf(service.name)
      try {
        await note(service)
        writerOf(service.name).append(`${dayOf(eventTime)}/${service.version}`, some.map(lineOf).join(''))
        counted.logged += some.length
      } catch (error) {
        counted.dropped += some.length
        const { message } = error as Error
        logger.warn(
          { service: service.name, rows: some.length, error: message },
          'online reads are not logged',
        )
      }
    }
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      let end = 0
      for (let some = 0; end < waiting.length && some < cellsPerTurn; end++)
        some += waiting[end].service.cells
      const reads = waiting.slice(0, end)
      waiting = waiting.slice(end)
      await write(reads)
      for (const { service } of reads) cells -= service.cells
      await nextTurn()
    }
  }

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    while (writing || waiting.length > 0) {
      writing ??= writeAll().finally(() => {
        writing = undefined
      })
      await writing
    }
  }

  return {
    dir,
    watch(lookup, { service, view }) {
      const plan = view === undefined ? service : planOfView(service, view)
      const columns = lookup.slots.filter((slot) => slot.view === null).map(({ name }) => name)
      const isSampled = createReadSampler(plan, columns)
      if (!isSampled) return lookup
      const version = sha256(canonicalJson(plan.definitions)).slice(0, 16)
      const take = createReadTaker(lookup, plan, { columns, version: formatReadVersion({ version, view }) })
      return {
        ...lookup,
        async lookUp(rows, times, options) {
          const found = await lookup.lookUp(rows, times, options)
          const at = clock.now()
          for (let i = 0; i < rows.length; i++) {
            if (isSampled(rows[i])) add(take(found, i, { at, eventTime: times[i], values: rows[i] }))
          }
          return found
        },
      }
    },
    flush,
    counts: () => counts,
    async close() {
      await flush()
      for (const writer of writers.values()) writer.close()
      writers.clear()
    },
  }
}
