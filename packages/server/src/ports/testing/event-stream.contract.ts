import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventStream, NewEvent, StreamEvent } from '../event-stream.ts'

export interface OpenEventStream {
  stream: EventStream
  close(): Promise<void>
}

const event = (type: string, data: Record<string, unknown> = {}): NewEvent => ({ type, at: 5, data })

/** What every event stream must do. `open` opens one more connection to the same stream, as another process would. */
export function eventStreamContract(name: string, open: () => Promise<OpenEventStream>): void {
  describe(`event stream contract: ${name}`, () => {
    let opened: OpenEventStream[]
    beforeAll(async () => {
      opened = [await open(), await open()]
    })
    afterAll(async () => {
      for (const { close } of opened) await close()
    })

    /** A reader that continues after the last offset that it saw, until it has `count` events. */
    async function readAll(topic: string, count: number, limit: number): Promise<StreamEvent[]> {
      const seen: StreamEvent[] = []
      while (seen.length < count) {
        const page = await opened[0].stream.read(topic, { after: seen.at(-1)?.offset, limit })
        expect(page.length).toBeLessThanOrEqual(limit)
        seen.push(...page)
        await nextTurn()
      }
      return seen
    }

    it('gives back events in the order of writing, as they were', async () => {
      const { stream } = opened[0]
      const data = { text: 'ü', nested: { list: [1, null, true] } }
      await stream.append('order', [event('a', data), event('b')])
      await stream.append('order', [event('c')])
      const events = await stream.read('order', { limit: 10 })
      expect(events.map(({ type, at, data }) => ({ type, at, data }))).toEqual([
        event('a', data),
        event('b'),
        event('c'),
      ])
      const offsets = events.map(({ offset }) => offset)
      expect([...offsets].sort((a, b) => a - b)).toEqual(offsets)
      expect(new Set(offsets).size).toBe(3)
    })

    it('keeps topics apart, and has nothing of unknown ones', async () => {
      await opened[0].stream.append('left', [event('l')])
      await opened[0].stream.append('right', [event('r')])
      expect((await opened[1].stream.read('left', { limit: 10 })).map(({ type }) => type)).toEqual(['l'])
      expect(await opened[0].stream.read('unknown', { limit: 10 })).toEqual([])
    })

    it('appends nothing for no events, and everything or nothing otherwise', async () => {
      const { stream } = opened[0]
      await stream.append('atomic', [])
      const half = stream.append('atomic', [event('good'), event('bad\0')])
      await expect(half).rejects.toMatchObject({ code: 'request.invalid' })
      expect(await stream.read('atomic', { limit: 10 })).toEqual([])
    })

    it('takes more events at once than one statement can', async () => {
      const many = Array.from({ length: 2500 }, (_, i) => event('many', { i }))
      await opened[0].stream.append('many', many)
      const events = await readAll('many', many.length, 1000)
      expect(events.map(({ data }) => data.i)).toEqual(many.map((_, i) => i))
    })

    it('forgets the oldest events up to an offset and a time, of one topic, and goes on with its offsets', async () => {
      const { stream } = opened[0]
      const timed = (at: number): NewEvent => ({ ...event('t'), at })
      await stream.append('trimmed', [1, 2, 3, 4].map(timed))
      await stream.append('kept', [timed(1)])
      await stream.trim('none', { until: 1, before: 10 })
      const offsets = (await stream.read('trimmed', { limit: 10 })).map(({ offset }) => offset)
      await stream.trim('trimmed', { until: offsets[2], before: 3 })
      const left = async () => (await opened[1].stream.read('trimmed', { limit: 10 })).map(({ at }) => at)
      expect(await left()).toEqual([3, 4])
      await stream.trim('trimmed', { until: offsets[2], before: 10 })
      expect(await left()).toEqual([4])
      await stream.trim('trimmed', { until: offsets[3], before: 10 })
      await stream.append('trimmed', [timed(5)])
      expect(await stream.read('trimmed', { after: offsets[3], limit: 10 })).toMatchObject([{ at: 5 }])
      expect(await stream.read('kept', { limit: 10 })).toHaveLength(1)
    })

    it('refuses a page without events', async () => {
      await expect(opened[0].stream.read('order', { limit: 0 })).rejects.toThrow(TypeError)
    })

    it('lets a reader miss nothing and see nothing twice while several writers write', async () => {
      const write = async (writer: number) => {
        for (let batch = 0; batch < 15; batch++) {
          const events = [event('w', { writer, batch, part: 0 }), event('w', { writer, batch, part: 1 })]
          await opened[writer % 2].stream.append('concurrent', events)
        }
      }
      const reading = readAll('concurrent', 4 * 30, 7)
      await Promise.all([0, 1, 2, 3].map(write))
      const seen = await reading
      const written = seen.map(({ data }) => `${data.writer}/${data.batch}/${data.part}`)
      expect(new Set(written).size).toBe(120)
      for (const writer of [0, 1, 2, 3]) {
        const own = seen
          .filter(({ data }) => data.writer === writer)
          .map(({ data }) => [data.batch, data.part])
        expect(own).toEqual(Array.from({ length: 30 }, (_, i) => [Math.floor(i / 2), i % 2]))
      }
      expect(await opened[1].stream.read('concurrent', { after: seen.at(-1)?.offset, limit: 5 })).toEqual([])
    })
  })
}
