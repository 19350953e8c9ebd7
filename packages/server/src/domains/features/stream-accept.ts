import { type DatasetDefinition, type FeatureViewDefinition, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { FeatureValue } from './on-demand.ts'
import { createPushParser } from './push-relation.ts'
import type { RequestRow } from './request-row.ts'
import {
  addEvents,
  forgetRefused,
  hasRefused,
  type NewStreamEvent,
  reservePositions,
  type StreamDb,
  type StreamTables,
  updateStream,
} from './stream-store.ts'
import type { ViewPlan } from './view-plan.ts'

/** What became of events. */
export interface AcceptedEvents {
  view: string
  /** New, and kept: from here on they survive a crash. */
  accepted: number
  /** Known by their id; nothing changed. */
  duplicates: number
  /** Older than the latest event by more than the allowed lateness; dropped. */
  late: number
}

/** A view that takes events, with what it is made of. */
export interface StreamView {
  definition: FeatureViewDefinition & { stream: NonNullable<FeatureViewDefinition['stream']> }
  dataset: DatasetDefinition
  plan: ViewPlan
}

/** Clocks of machines differ; an event further ahead would make all others late. */
const aheadMs = 86_400_000
/** Times beyond are no dates of JavaScript, nor whole numbers that every database keeps. */
const farthestMs = 8.64e15
/** A key of an index has a bound: of 2,704 bytes in PostgreSQL, and a character takes 3 at most. */
const longestId = 500

/**
 * Takes events of a view, all or none. Which are late is judged by the events of earlier calls, so the order within
 * one call does not matter.
 * @throws `feature.row_invalid`
 */
export async function acceptEvents(
  deps: { db: Database; clock: Clock },
  { definition, dataset, plan }: StreamView,
  rows: readonly RequestRow[],
): Promise<AcceptedEvents> {
  const now = deps.clock.now()
  const view = { definition, dataset, plan }
  const events = rows.map(createEventParser(view, now))
  return deps.db.transaction<StreamTables, AcceptedEvents>((trx) =>
    addAccepted(deps.db, trx, view, { events, now }),
  )
}

/** Within a transaction: adds events that are new and not late. */
export async function addAccepted(
  db: Database,
  trx: StreamDb,
  { definition, dataset }: StreamView,
  { events, now }: { events: readonly NewStreamEvent[]; now: number },
): Promise<AcceptedEvents> {
  const state = await reservePositions(trx, dataset.name, events.length)
  const watermark =
    state.newest === null ? Number.NEGATIVE_INFINITY : state.newest - definition.stream.allowedLatenessMs
  const timely = events.filter(({ at }) => at >= watermark)
  const after = state.last_position
  if (await hasRefused(trx, dataset.name)) {
    const ids = timely.map(({ id }) => id)
    await forgetRefused(trx, dataset.name, ids)
  }
  const added = await addEvents(db, trx, { dataset: dataset.name, after, events: timely })
  const counts = {
    accepted: added.length,
    duplicates: timely.length - added.length,
    late: events.length - timely.length,
  }
  const newest = added.reduce(
    (latest, { at }) => Math.max(latest, Math.min(at, now)),
    state.newest ?? -Infinity,
  )
  await updateStream(trx, dataset.name, {
    newest: Number.isFinite(newest) ? newest : null,
    accepted: state.accepted + counts.accepted,
    duplicates: state.duplicates + counts.duplicates,
    late: state.late + counts.late,
  })
  return { view: definition.name, ...counts }
}

/** Reads rows as events, all of which the database can keep. The function throws `feature.row_invalid`. */
export function createEventParser(
  { definition, dataset, plan }: StreamView,
  now: number,
): (row: RequestRow, at: number) => NewStreamEvent {
  const names = Object.keys(dataset.schema)
  const parse = createPushParser(dataset, plan, { isWhole: true })
  const [id, time] = [names.indexOf(definition.stream.id), names.indexOf(dataset.timestamp)]
  const times = names.flatMap((name, place) => (dataset.schema[name] === 'timestamp' ? [place] : []))
  const needed = [definition.stream.id, ...Object.keys(plan.keys)].map((name) => names.indexOf(name))
  return (row, at) => {
    const values = parse(row, at)
    const missing = needed.find((place) => values[place] === null)
    if (missing !== undefined) throw invalid(at, names[missing], 'must not be null', null)
    const far = times.find((place) => Math.abs(values[place] as number) > farthestMs)
    if (far !== undefined) throw invalid(at, names[far], 'must be within the years ±271821', values[far])
    const eventTime = Math.floor(values[time] as number)
    if (eventTime > now + aheadMs)
      throw invalid(at, names[time], 'must not be more than a day ahead', values[time])
    const eventId = String(values[id])
    if (eventId.includes('\0')) throw invalid(at, names[id], 'must not have the character U+0000', eventId)
    if (eventId.length > longestId)
      throw invalid(at, names[id], `must have ${longestId} characters at most`, eventId.length)
    // By name: by the time it is read, the dataset may have other columns.
    const content = JSON.stringify(Object.fromEntries(names.map((name, place) => [name, values[place]])))
    return { id: eventId, at: eventTime, content }
  }
}

function invalid(row: number, field: string, expected: string, value: FeatureValue): Error {
  return fail('feature.row_invalid', { row, field, expected, value: JSON.stringify(value) })
}
