import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { EventStream, NewEvent, StreamEvent } from '../../ports/event-stream.ts'

interface EventTables {
  event_topics: { topic: string; last_position: number }
  events: { topic: string; position: number; type: string; at: number; data: string }
}

/** Rows of one INSERT: engines bound the number of parameters of a statement. */
const insertRows = 1000
const maxPage = 1000
/** One statement, on the event loop where the engine is embedded. */
const trimmedAtOnce = 5000

/**
 * The event stream in the metadata database. Offsets are taken from the topic's row inside the transaction that
 * writes the events, so they become visible in their order: a reader never passes a gap that is filled later.
 */
export function createDatabaseEventStream({ db }: { db: Database }): EventStream {
  return {
    async append(topic, events) {
      if (events.length === 0) return
      const bodies = events.map((event) => JSON.stringify(event.data))
      await db.transaction(async (trx: Kysely<EventTables>) => {
        const last = await reserve(trx, topic, events.length)
        const first = last - events.length + 1
        const rows = events.map(({ type, at }, i) => ({
          topic,
          position: first + i,
          type,
          at,
          data: bodies[i],
        }))
        for (let from = 0; from < rows.length; from += insertRows) {
          await trx
            .insertInto('events')
            .values(rows.slice(from, from + insertRows))
            .execute()
        }
      })
    },
    async read(topic, { after = 0, limit }) {
      if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError(`Cannot read ${limit} events`)
      const rows = await db
        .tables<EventTables>()
        .selectFrom('events')
        .selectAll()
        .where('topic', '=', topic)
        .where('position', '>', after)
        .orderBy('position')
        .limit(Math.min(limit, maxPage))
        .execute()
      return rows.map(fromRow)
    },
    async trim(topic, { until, before }) {
      const tables = db.tables<EventTables>()
      const oldest = await tables
        .selectFrom('events')
        .select(({ fn }) => fn.min('position').as('position'))
        .where('topic', '=', topic)
        .executeTakeFirst()
      if (!oldest || oldest.position === null) return
      await tables
        .deleteFrom('events')
        .where('topic', '=', topic)
        .where('position', '<=', Math.min(until, oldest.position + trimmedAtOnce - 1))
        .where('at', '<', before)
        .execute()
    },
  }
}

/** Takes the next `count` offsets of the topic; gives the last of them. */
async function reserve(trx: Kysely<EventTables>, topic: string, count: number): Promise<number> {
  const row = await trx
    .insertInto('event_topics')
    .values({ topic, last_position: count })
    .onConflict((c) =>
      c.column('topic').doUpdateSet((e) => ({
        last_position: e('event_topics.last_position', '+', count),
      })),
    )
    .returning('last_position')
    .executeTakeFirstOrThrow()
  return row.last_position
}

function fromRow(row: EventTables['events']): StreamEvent {
  return {
    offset: row.position,
    type: row.type,
    at: row.at,
    data: JSON.parse(row.data) as NewEvent['data'],
  }
}
