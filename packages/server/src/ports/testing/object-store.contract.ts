import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ObjectStore } from '../object-store.ts'

const text = (value: string) => new TextEncoder().encode(value)

async function read(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts).toString()
}

async function* stream(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part
    yield text(part)
  }
}

/** What every object store must do. `open` gives a new, empty store. */
export function objectStoreContract(name: string, open: () => ObjectStore | Promise<ObjectStore>): void {
  describe(`object store contract: ${name}`, () => {
    let store: ObjectStore
    beforeEach(async () => {
      store = await open()
    })
    const keys = async (prefix = '', page?: { after?: string; limit?: number }) =>
      (await store.list(prefix, page)).objects.map((object) => object.key)

    describe('put and get', () => {
      it('gives back the bytes, from memory and from a stream', async () => {
        expect(await store.put('a/bytes', text('hello'))).toMatchObject({ key: 'a/bytes', size: 5 })
        expect(await store.put('a/stream', stream('hel', '', 'lo!'))).toMatchObject({
          key: 'a/stream',
          size: 6,
        })
        expect(await read(await store.get('a/bytes'))).toBe('hello')
        expect(await read(await store.get('a/stream'))).toBe('hello!')
      })

      it('takes empty objects', async () => {
        await store.put('empty', text(''))
        expect(await store.find('empty')).toMatchObject({ key: 'empty', size: 0 })
        expect(await read(await store.get('empty'))).toBe('')
      })

      it('replaces an object', async () => {
        await store.put('a', text('old and long'))
        await store.put('a', text('new'))
        expect(await read(await store.get('a'))).toBe('new')
      })

      it('streams an object that is larger than any buffer', async () => {
        const part = 'x'.repeat(1024 * 1024)
        await store.put('large', stream(...Array.from({ length: 12 }, () => part)))
        let size = 0
        for await (const chunk of await store.get('large')) size += chunk.byteLength
        expect(size).toBe(12 * part.length)
      })

      it('is done with a chunk when it asks for the next one', async () => {
        const chunk = Buffer.alloc(700_001)
        async function* reused() {
          for (let i = 0; i < 20; i++) yield chunk.fill(i)
        }
        await store.put('reused', reused())
        let position = 0
        for await (const read of await store.get('reused')) {
          for (let i = 0; i < read.byteLength; i += 10_000) {
            expect(read[i]).toBe(Math.floor((position + i) / chunk.byteLength))
          }
          position += read.byteLength
        }
        expect(position).toBe(20 * chunk.byteLength)
      })

      it('puts nothing when the body fails, and passes its error on', async () => {
        const broken = stream('first', new Error('source is gone'))
        await expect(store.put('partial', broken)).rejects.toThrow('source is gone')
        expect(await store.find('partial')).toBeUndefined()
        expect(await keys()).toEqual([])
      })

      it('gives ranges, cut to the object', async () => {
        await store.put('range', text('0123456789'))
        const range = async (start: number, end: number) => read(await store.get('range', { start, end }))
        expect(await range(0, 3)).toBe('012')
        expect(await range(7, 100)).toBe('789')
        expect(await range(4, 4)).toBe('')
        expect(await range(10, 20)).toBe('')
        await expect(store.get('range', { start: 3, end: 2 })).rejects.toThrow(TypeError)
        await expect(store.get('range', { start: -1, end: 2 })).rejects.toThrow(TypeError)
      })
    })

    describe('missing objects', () => {
      it('names the key of a get, and tells undefined for a find', async () => {
        const missing = { code: 'object.not_found', details: { key: 'no/such' } }
        await expect(store.get('no/such')).rejects.toMatchObject(missing)
        await expect(store.get('no/such', { start: 2, end: 2 })).rejects.toMatchObject(missing)
        expect(await store.find('no/such')).toBeUndefined()
        await store.put('no/such/deeper', text(''))
        await expect(store.get('no/such')).rejects.toMatchObject(missing)
      })

      it('deletes what is there and does not mind what is not', async () => {
        await store.put('a/b', text('x'))
        await store.delete('a')
        expect(await keys()).toEqual(['a/b'])
        await store.delete('a/b')
        await store.delete('a/b')
        expect(await keys()).toEqual([])
      })
    })

    describe('ifAbsent', () => {
      it('lets exactly one of several concurrent writers win', async () => {
        const attempts = Array.from({ length: 8 }, (_, i) =>
          store.put('once', i % 2 ? text(`w${i}`) : stream('w', String(i)), { ifAbsent: true }),
        )
        const outcomes = await Promise.allSettled(attempts)
        const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled')
        expect(await read(await store.get('once'))).toBe(`w${winner}`)
        const losers = outcomes.filter((outcome) => outcome.status === 'rejected')
        expect(losers).toHaveLength(7)
        for (const loser of losers) expect(loser.reason).toMatchObject({ code: 'object.exists' })
      })

      it('leaves the object that exists alone', async () => {
        await store.put('a', text('first'))
        const second = store.put('a', text('second'), { ifAbsent: true })
        await expect(second).rejects.toMatchObject({ code: 'object.exists', details: { key: 'a' } })
        expect(await read(await store.get('a'))).toBe('first')
      })
    })

    describe('versions', () => {
      it('tells one version of an object, however it is asked for', async () => {
        const before = Date.now()
        const { version } = await store.put('a', stream('one'))
        expect(version).not.toBe('')
        const found = await store.find('a')
        expect(found).toMatchObject({ key: 'a', size: 3, version })
        expect((await store.list('a')).objects).toEqual([found])
        // S3 tells whole seconds, and clocks differ a little.
        expect(Math.abs((found?.modifiedAt ?? 0) - before)).toBeLessThan(60_000)
      })

      it('reads the version that is asked for or tells that it was replaced', async () => {
        const old = await store.put('a', text('one'))
        expect(await read(await store.get('a', undefined, { version: old.version }))).toBe('one')
        const { version } = await store.put('a', text('two'))
        expect(version).not.toBe(old.version)
        const changed = { code: 'object.changed', details: { key: 'a' } }
        for (const range of [undefined, { start: 1, end: 2 }, { start: 1, end: 1 }]) {
          const reading = async () => read(await store.get('a', range, { version: old.version }))
          await expect(reading()).rejects.toMatchObject(changed)
        }
        expect(await read(await store.get('a', { start: 1, end: 3 }, { version }))).toBe('wo')
      })
    })

    describe('list', () => {
      const all = ['a', 'a-b/x', 'a.b', 'a0', 'b/c/d', 'b/c0', 'b=1/+@_', 'c']

      it('orders by bytes, filters by prefix and pages', async () => {
        for (const key of [...all].reverse()) await store.put(key, text(key))
        const expected = ['a', 'a-b/x', 'a.b', 'a0', 'b/c/d', 'b/c0', 'b=1/+@_', 'c']
        expect(await keys()).toEqual(expected)
        expect(await keys('a')).toEqual(['a', 'a-b/x', 'a.b', 'a0'])
        expect(await keys('b/c')).toEqual(['b/c/d', 'b/c0'])
        expect(await keys('b/c/')).toEqual(['b/c/d'])
        expect(await keys('z')).toEqual([])
        expect(await keys('', { after: 'a.b' })).toEqual(expected.slice(3))
        expect(await keys('b', { after: 'b/c/d', limit: 1 })).toEqual(['b/c0'])

        const paged: string[] = []
        let after: string | undefined
        do {
          const page = await store.list('', { after, limit: 3 })
          paged.push(...page.objects.map((object) => object.key))
          after = page.next
        } while (after !== undefined)
        expect(paged).toEqual(expected)
        expect((await store.list('', { limit: expected.length })).next).toBeUndefined()
      })

      it('tells sizes and refuses pages without objects', async () => {
        await store.put('sized', text('12345'))
        expect((await store.list('s')).objects).toMatchObject([{ key: 'sized', size: 5 }])
        await expect(store.list('', { limit: 0 })).rejects.toThrow(TypeError)
      })
    })

    describe('keys', () => {
      const bad = ['', '/', 'a//b', '/a', 'a/', '.', '..', 'a/../b', 'a/./b', 'a b', 'a\\b', 'ä', 'a\0', 'a~']
      const long = ['x'.repeat(256), `${'x/'.repeat(512)}xx`]
      it.each([...bad, ...long])('refuses %.20j', async (key) => {
        const refusal = { code: 'object.invalid_key' }
        await expect(store.put(key, text('x'))).rejects.toMatchObject(refusal)
        await expect(store.get(key)).rejects.toMatchObject(refusal)
        await expect(store.find(key)).rejects.toMatchObject(refusal)
        await expect(store.delete(key)).rejects.toMatchObject(refusal)
        expect(await keys()).toEqual([])
      })

      it('takes every key of the allowed form, and finds and lists it again', async () => {
        const segment = fc
          .stringMatching(/^[A-Za-z0-9._=@+-]{1,12}$/)
          .filter((part) => part !== '.' && part !== '..')
        const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))
        let round = 0
        await fc.assert(
          fc.asyncProperty(key, async (suffix) => {
            const folder = `round${round++}/`
            const whole = folder + suffix
            await store.put(whole, text(suffix))
            expect(await store.find(whole)).toMatchObject({ key: whole, size: suffix.length })
            expect(await read(await store.get(whole))).toBe(suffix)
            expect(await keys(folder)).toEqual([whole])
          }),
          { numRuns: 40 },
        )
      })
    })
  })
}
