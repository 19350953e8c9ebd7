import type { Kysely } from 'kysely'
import { refusalText, type StreamTables } from './stream-store.ts'

export interface TopicTables extends StreamTables {
  /** The offset of the last event of a topic that was taken for a dataset. */
  feature_topic_offsets: { dataset: string; topic: string; position: number }
}

export type TopicDb = Kysely<TopicTables>

export interface TopicReader {
  dataset: string
  topic: string
}

/** 0 if none was taken yet. */
export async function findOffset(db: TopicDb, { dataset, topic }: TopicReader): Promise<number> {
  const row = await db
    .selectFrom('feature_topic_offsets')
    .select('position')
    .where('dataset', '=', dataset)
    .where('topic', '=', topic)
    .executeTakeFirst()
  return row?.position ?? 0
}

export async function saveOffset(db: TopicDb, reader: TopicReader, position: number): Promise<void> {
  await db
    .insertInto('feature_topic_offsets')
    .values({ ...reader, position })
    .onConflict((c) => c.columns(['dataset', 'topic']).doUpdateSet({ position }))
    .execute()
}

export interface UnreadableEvent {
  offset: number
  /** As it is in the topic. */
  content: string
  refusal: string
}

/**
 * Within a transaction: keeps events that can never come into the dataset, with the reason. They are behind what waits:
 * no flush takes them.
 */
export async function keepUnreadable(
  trx: TopicDb,
  { dataset, topic }: TopicReader,
  events: readonly UnreadableEvent[],
): Promise<void> {
  if (events.length === 0) return
  await trx
    .insertInto('feature_stream_events')
    .values(
      events.map(({ offset, content, refusal }) => {
        return {
          dataset,
          id: `${topic}@${offset}`,
          position: 0,
          at: 0,
          content,
          refusal: refusalText(refusal),
        }
      }),
    )
    .onConflict((c) => c.columns(['dataset', 'id']).doNothing())
    .execute()
}
