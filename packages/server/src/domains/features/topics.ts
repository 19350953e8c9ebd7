import { fail, isPlatformError } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream, StreamEvent } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { RequestRow } from './request-row.ts'
import { addAccepted, createEventParser, type StreamView } from './stream-accept.ts'
import type { NewStreamEvent } from './stream-store.ts'
import {
  findOffset,
  keepUnreadable,
  saveOffset,
  type TopicDb,
  type TopicReader,
  type TopicTables,
  type UnreadableEvent,
} from './topic-store.ts'

/** A topic of events that feature views read. */
export interface Topic {
  name: string
  views: string[]
}

interface TopicDeps {
  db: Database
  stream: EventStream
  clock: Clock
  definitions: Pick<DefinitionService, 'list'>
}

/** Events that are taken at once; several times in a pass, so that no dataset holds up the others for long. */
const eventsAtOnce = 1000
const pagesPerPass = 50
const keptMs = 7 * 86_400_000

/** Topics of events: senders append to them, whatever reads them; views of features take their rows out of them. */
export function createTopics({ db, stream, clock, definitions }: TopicDeps) {
  async function list(): Promise<Topic[]> {
    const byTopic = new Map<string, string[]>()
    for (const { name, stream: read } of await definitions.list('feature-view')) {
      if (read?.topic === undefined) continue
      byTopic.set(read.topic, [...(byTopic.get(read.topic) ?? []), name])
    }
    return [...byTopic]
      .map(([name, views]) => ({ name, views: views.sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The offset is saved with the events, so each comes in once, whoever reads beside and whatever ends in between. */
  async function takePage(view: StreamView, reader: TopicReader): Promise<number> {
    const tables = db.tables<TopicTables>()
    const after = await findOffset(tables, reader)
    const events = await stream.read(portTopic(reader.topic), { after, limit: eventsAtOnce })
    const last = events.at(-1)
    if (last === undefined) return 0
    const now = clock.now()
    const { readable, unreadable } = readEvents(view, events, now)
    await db.transaction<TopicTables, void>(async (trx: TopicDb) => {
      if ((await findOffset(trx, reader)) !== after) return
      await addAccepted(db, trx as never, view, { events: readable, now })
      await keepUnreadable(trx, reader, unreadable)
      await saveOffset(trx, reader, last.offset)
    })
    return events.length
  }

  return {
    list,
    /** @throws `definition.not_found` for a topic that no view reads */
    async append(topic: string, rows: readonly RequestRow[]): Promise<{ topic: string; events: number }> {
      const known = await list()
      if (!known.some(({ name }) => name === topic))
        throw fail('definition.not_found', { kind: 'topic', name: topic })
      const at = clock.now()
      await stream.append(
        portTopic(topic),
        rows.map((data) => ({ type: 'event', at, data })),
      )
      return { topic, events: rows.length }
    },
    /** Takes what views of one dataset have not read yet. */
    async take(views: readonly StreamView[]): Promise<void> {
      const byTopic = Map.groupBy(views, ({ definition }) => definition.stream.topic)
      for (const [topic, readers] of byTopic) {
        if (topic === undefined) continue
        const view = readers.reduce((one, other) => (latenessOf(other) > latenessOf(one) ? other : one))
        const reader = { dataset: view.dataset.name, topic }
        for (let page = 0; page < pagesPerPass; page++) {
          if ((await takePage(view, reader)) < eventsAtOnce) break
        }
      }
    },
    /** Forgets events that are older than a week and were taken for all datasets whose views read their topic. */
    async trim(views: readonly StreamView[]): Promise<void> {
      const byTopic = Map.groupBy(views, ({ definition }) => definition.stream.topic)
      for (const [topic, readers] of byTopic) {
        if (topic === undefined) continue
        const datasets = [...new Set(readers.map(({ dataset }) => dataset.name))]
        const offsets = await Promise.all(
          datasets.map((dataset) => findOffset(db.tables<TopicTables>(), { dataset, topic })),
        )
        const before = clock.now() - keptMs
        await stream.trim(portTopic(topic), { until: Math.min(...offsets), before })
      }
    },
  }
}

/** Topics of others, such as the audit stream, have other names. */
function portTopic(topic: string): string {
  return `events.${topic}`
}

const latenessOf = ({ definition }: StreamView) => definition.stream.allowedLatenessMs

function readEvents(view: StreamView, events: readonly StreamEvent[], now: number) {
  const parse = createEventParser(view, now)
  const readable: NewStreamEvent[] = []
  const unreadable: UnreadableEvent[] = []
  for (const [i, { offset, data }] of events.entries()) {
    try {
      readable.push(parse(data, i))
    } catch (error) {
      if (!isPlatformError(error)) throw error
      unreadable.push({ offset, content: JSON.stringify(data), refusal: error.message })
    }
  }
  return { readable, unreadable }
}
