import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, isPlatformError, type PlatformError } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Database } from '../../ports/database.ts'
import type { Lake } from '../../ports/lake.ts'
import type { DataService } from '../data/index.ts'
import type { FeatureValue } from './on-demand.ts'
import { loadRows } from './push-relation.ts'
import {
  findPending,
  findStream,
  forgetEvents,
  listEvents,
  refuseEvent,
  type StreamTables,
  updateStream,
} from './stream-store.ts'

export interface FlushDeps {
  db: Database
  lake: Lake
  data: Pick<DataService, 'ingest'>
  tempDir: string
}

/** Events of one new dataset version: bounds the memory of a flush. */
const flushEvents = 50_000

/** Errors that are the fault of the rows: without them the others can go on. */
const rowErrors = ['dataset.expectation_failed', 'dataset.schema_mismatch', 'lake.query_failed']

/**
 * Appends waiting events to their dataset as one new version.
 *
 * Which events belong together is written down first, and a dataset takes a file once: a flush that a crash came
 * between is done again with the same events, and what had come into the dataset does not come in twice. Events are
 * different by their id, so no two flushes have equal rows. If the dataset refuses them, halves of them are tried, and
 * a single event that is refused is set aside with the reason.
 * @returns false if no event waits
 */
export async function flushEventsOf(
  deps: FlushDeps,
  dataset: DatasetDefinition,
  { latenessMs }: { latenessMs: number },
): Promise<boolean> {
  const db = deps.db.tables<StreamTables>()
  const state = await findStream(db, dataset.name)
  const pending = state && (await findPending(db, state, flushEvents))
  if (!state || !pending) return false
  let until = state.flushing ?? pending.until
  for (;;) {
    await updateStream(db, dataset.name, { flushing: until })
    const events = await listEvents(db, { dataset: dataset.name, after: state.flushed, until })
    // A refused one that was sent again since leaves none.
    const refusal = events.length === 0 ? undefined : await append(deps, dataset, { events, until })
    if (refusal === undefined || events.length === 1) {
      const flushed = until
      await deps.db.transaction<StreamTables, void>(async (trx) => {
        if (refusal) {
          const [{ position }] = events
          await refuseEvent(trx, { dataset: dataset.name, position, refusal: refusal.message })
        }
        await updateStream(trx, dataset.name, { flushed, flushing: null })
      })
      const before = (state.newest ?? 0) - latenessMs
      await forgetEvents(db, { dataset: dataset.name, flushed: until, before })
      return true
    }
    until = events[Math.floor(events.length / 2) - 1].position
  }
}

/** @returns why the dataset refused the rows, if they are what is wrong */
async function append(
  deps: FlushDeps,
  dataset: DatasetDefinition,
  { events, until }: { events: readonly { content: string }[]; until: number },
): Promise<PlatformError | undefined> {
  const table = `stream_${dataset.name}_${until}`
  const path = join(deps.tempDir, `${table}.parquet`)
  await mkdir(deps.tempDir, { recursive: true })
  try {
    const names = Object.keys(dataset.schema)
    const rows = events.map(({ content }) => {
      const values = JSON.parse(content) as Record<string, FeatureValue>
      return names.map((name) => values[name] ?? null)
    })
    const source = await loadRows(deps.lake, table, { dataset, rows })
    await deps.lake.writeParquet(`SELECT * FROM ${source}`, path)
    const input = { path, format: 'parquet', mode: 'append', cause: 'events' } as const
    await deps.data.ingest({ dataset: dataset.name, ...input })
    return undefined
  } catch (error) {
    if (isPlatformError(error) && rowErrors.includes(error.code)) return error
    throw error
  } finally {
    await deps.lake.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
    await rm(path, { force: true })
  }
}
