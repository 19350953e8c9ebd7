import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'

export interface StreamTables {
  /** One row per dataset that events are sent to. */
  feature_streams: {
    dataset: string
    /** Position of the event that was taken last. */
    last_position: number
    /** Latest event time, milliseconds; what is ahead of the server's clock counts as now. Null: no event yet. */
    newest: number | null
    /** Events up to this position are in the dataset, or set aside. */
    flushed: number
    /** The position up to which a flush was begun and not finished; null = none. */
    flushing: number | null
    accepted: number
    duplicates: number
    late: number
  }
  /** Events that are not in the dataset yet, and those whose repetition must be known. */
  feature_stream_events: {
    dataset: string
    id: string
    position: number
    /** Event time, milliseconds, rounded down. */
    at: number
    content: string
    /** Why the dataset refused it; null = it did not. */
    refusal: string | null
  }
}

export type StreamDb = Kysely<StreamTables>
export type StreamState = StreamTables['feature_streams']

/** Engines bound the number of parameters of a statement. */
const idsAtOnce = 500

export interface NewStreamEvent {
  id: string
  at: number
  content: string
}

export async function findStream(db: StreamDb, dataset: string): Promise<StreamState | undefined> {
  return db.selectFrom('feature_streams').selectAll().where('dataset', '=', dataset).executeTakeFirst()
}

/** Datasets that events may wait for. */
export async function listWaiting(db: StreamDb): Promise<string[]> {
  const rows = await db
    .selectFrom('feature_streams')
    .select('dataset')
    .whereRef('flushed', '<', 'last_position')
    .orderBy('dataset')
    .execute()
  return rows.map(({ dataset }) => dataset)
}

/** Within a transaction: takes positions for `count` events. @returns the state before, and the first position */
export async function reservePositions(trx: StreamDb, dataset: string, count: number): Promise<StreamState> {
  const before = await findStream(trx, dataset)
  if (!before) {
    const empty = { newest: null, flushed: 0, flushing: null, accepted: 0, duplicates: 0, late: 0 }
    await trx
      .insertInto('feature_streams')
      .values({ dataset, last_position: count, ...empty })
      .execute()
    return { dataset, last_position: 0, ...empty }
  }
  await trx
    .updateTable('feature_streams')
    .set({ last_position: before.last_position + count })
    .where('dataset', '=', dataset)
    .execute()
  return before
}

/** Within a transaction. @returns the events whose id is new to the dataset */
export async function addEvents(
  db: Database,
  trx: StreamDb,
  input: { dataset: string; after: number; events: readonly NewStreamEvent[] },
): Promise<{ at: number }[]> {
  const added = await db.insertNew(trx, {
    table: 'feature_stream_events',
    columns: { dataset: 'text', id: 'text', position: 'bigint', at: 'bigint', content: 'text' },
    key: ['dataset', 'id'],
    rows: input.events.map(
      ({ id, at, content }, i) => [input.dataset, id, input.after + 1 + i, at, content] as const,
    ),
  })
  return added.map(([, , , at]) => ({ at }))
}

export async function updateStream(
  db: StreamDb,
  dataset: string,
  changes: Partial<StreamState>,
): Promise<void> {
  await db.updateTable('feature_streams').set(changes).where('dataset', '=', dataset).execute()
}

/** What waits for its dataset: how many events, the earliest time among them, and the last position of a flush. */
export async function findPending(
  db: StreamDb,
  { dataset, flushed }: StreamState,
  limit: number,
): Promise<{ events: number; earliest: number; until: number } | undefined> {
  const waiting = db
    .selectFrom('feature_stream_events')
    .select(['position', 'at'])
    .where('dataset', '=', dataset)
    .where('position', '>', flushed)
    .orderBy('position')
    .limit(limit)
  const row = await db
    .selectFrom(waiting.as('waiting'))
    .select(({ fn }) => [
      fn.countAll<number>().as('events'),
      fn.min('at').as('earliest'),
      fn.max('position').as('until'),
    ])
    .executeTakeFirst()
  return row && Number(row.events) > 0
    ? { events: Number(row.events), earliest: row.earliest, until: row.until }
    : undefined
}

/** In the order in which they came. */
export async function listEvents(
  db: StreamDb,
  { dataset, after, until }: { dataset: string; after: number; until: number },
): Promise<{ position: number; content: string }[]> {
  return db
    .selectFrom('feature_stream_events')
    .select(['position', 'content'])
    .where('dataset', '=', dataset)
    .where('position', '>', after)
    .where('position', '<=', until)
    .orderBy('position')
    .execute()
}

export async function refuseEvent(
  db: StreamDb,
  { dataset, position, refusal }: { dataset: string; position: number; refusal: string },
): Promise<void> {
  await db
    .updateTable('feature_stream_events')
    .set({ refusal: refusalText(refusal) })
    .where('dataset', '=', dataset)
    .where('position', '=', position)
    .execute()
}

/** A reason as a database keeps it: what it quotes may have the character U+0000, which PostgreSQL does not. */
export function refusalText(message: string): string {
  return message.replaceAll('\0', '\\0')
}

/** Within a transaction: forgets events that were refused, so that they can come again. */
export async function forgetRefused(trx: StreamDb, dataset: string, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += idsAtOnce) {
    await trx
      .deleteFrom('feature_stream_events')
      .where('dataset', '=', dataset)
      .where('refusal', 'is not', null)
      .where('id', 'in', ids.slice(start, start + idsAtOnce))
      .execute()
  }
}

/** Whether the dataset refused any event. */
export async function hasRefused(db: StreamDb, dataset: string): Promise<boolean> {
  const row = await db
    .selectFrom('feature_stream_events')
    .select('position')
    .where('dataset', '=', dataset)
    .where('refusal', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Number of events that the dataset refused. */
export async function countRefused(db: StreamDb, dataset: string): Promise<number> {
  const row = await db
    .selectFrom('feature_stream_events')
    .select(({ fn }) => fn.countAll<number>().as('events'))
    .where('dataset', '=', dataset)
    .where('refusal', 'is not', null)
    .executeTakeFirst()
  return Number(row?.events ?? 0)
}

/** Forgets events that are in the dataset and so old that a repetition would be late. */
export async function forgetEvents(
  db: StreamDb,
  { dataset, flushed, before }: { dataset: string; flushed: number; before: number },
): Promise<void> {
  await db
    .deleteFrom('feature_stream_events')
    .where('dataset', '=', dataset)
    .where('position', '<=', flushed)
    .where('at', '<', before)
    .where('refusal', 'is', null)
    .execute()
}
