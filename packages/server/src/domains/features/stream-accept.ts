import { type DatasetDefinition, type FeatureViewDefinition, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { FeatureValue } from './on-demand.ts'
import { createPushParser } from './push-relation.ts'
import type { RequestRow } from './request-row.ts'
import {
  addEvents,
  countRefused,
  forgetRefused,
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
  if ((await countRefused(trx, dataset.name)) > 0) {
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

/** Reads rows as events. The function throws `feature.row_invalid`. */
export function createEventParser(
  { definition, dataset, plan }: StreamView,
  now: number,
): (row: RequestRow, at: number) => NewStreamEvent {
  const names = Object.keys(dataset.schema)
  const parse = createPushParser(dataset, plan, { isWhole: true })
  const [id, time] = [names.indexOf(definition.stream.id), names.indexOf(dataset.timestamp)]
  const needed = [definition.stream.id, ...Object.keys(plan.keys)].map((name) => names.indexOf(name))
  return (row, at) => {
    const values = parse(row, at)
    const missing = needed.find((place) => values[place] === null)
    if (missing !== undefined) throw invalid(at, names[missing], 'must not be null', null)
    const eventTime = Math.floor(values[time] as number)
    if (eventTime > now + aheadMs)
      throw invalid(at, names[time], 'must not be more than a day ahead', values[time])
    // By name: by the time it is read, the dataset may have other columns.
    const content = JSON.stringify(Object.fromEntries(names.map((name, place) => [name, values[place]])))
    return { id: String(values[id]), at: eventTime, content }
  }
}

function invalid(row: number, field: string, expected: string, value: FeatureValue): Error {
  return fail('feature.row_invalid', { row, field, expected, value: JSON.stringify(value) })
}
