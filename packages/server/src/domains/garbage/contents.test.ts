import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDatabaseContentUses } from '../../drivers/content-uses/database.ts'
import { sha256 } from '../../kernel/hash.ts'
import { featuresMigration } from '../../migrations/0003-features.ts'
import { datasetRetentionMigration } from '../../migrations/0026-dataset-retention.ts'
import { contentGraceMs, contentKey, createContentStore } from '../../ports/content-store.ts'
import type { ObjectStore } from '../../ports/object-store.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createContentGarbage } from './contents.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const check = () => undefined

interface Collections {
  content_collections: { id: string }
}

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let content: ReturnType<typeof createContentStore>
let documents: string[]
let leaves: string[]
beforeEach(async () => {
  stores = await createTemporaryStores([featuresMigration, datasetRetentionMigration])
  // Objects get the time of the machine.
  stores.clock.set(Date.now())
  content = withUses(stores.objects)
  documents = []
  leaves = []
})
afterEach(() => stores.close())

const withUses = (objects: ObjectStore) =>
  createContentStore(objects, { cacheDir: stores.dir, uses: createDatabaseContentUses(stores) })

function garbage(objects = stores.objects) {
  const names = {
    async *documents() {
      yield documents
    },
    async *leaves() {
      yield leaves
    },
  }
  return createContentGarbage({ ...stores, objects, names: [names] })
}
const collect = (dryRun = false) => garbage().collect({ dryRun, check })
const put = async (text: string) => (await content.putBytes(bytes(text))).digest

describe('garbage of the content store', () => {
  it('is what nothing names, a day after it was put last', async () => {
    const [kept, gone] = [await put('kept'), await put('gone')]
    leaves = [kept]
    stores.clock.advance(contentGraceMs)
    expect(await collect()).toEqual({ files: 0, bytes: 0 })
    stores.clock.advance(1)
    expect(await collect(true)).toEqual({ files: 1, bytes: 4 })
    expect(await content.has(gone)).toBe(true)
    await put('gone')
    expect(await collect()).toEqual({ files: 0, bytes: 0 })
    stores.clock.advance(contentGraceMs + 1)
    expect(await collect()).toEqual({ files: 1, bytes: 4 })
    expect([await content.has(gone), await content.has(kept)]).toEqual([false, true])
  })

  it('is not what a document names, over other documents and the bounds of chunks', async () => {
    const leaf = await put('rows')
    const inner = await put(JSON.stringify({ padding: ' '.repeat(65_500), content: { digest: leaf } }))
    const outer = await put(JSON.stringify({ members: [inner, sha256('nowhere')] }))
    const rows = await put(`no document: ${await put('named by rows only')}`)
    documents = [outer]
    leaves = [rows]
    stores.clock.advance(contentGraceMs + 1)
    expect(await collect()).toMatchObject({ files: 1 })
    for (const digest of [leaf, inner, outer, rows]) expect(await content.has(digest)).toBe(true)
  })

  it('is also what was put before uses were noted', async () => {
    const older = createContentStore(stores.objects, { cacheDir: stores.dir })
    await older.putBytes(bytes('old'))
    leaves = [(await older.putBytes(bytes('old and named'))).digest]
    expect(await collect()).toMatchObject({ files: 0 })
    stores.clock.advance(2 * contentGraceMs)
    expect(await collect()).toEqual({ files: 1, bytes: 3 })
    expect(await content.has(leaves[0])).toBe(true)
  })

  it('waits for no one, but who puts what is being removed waits', async () => {
    const digest = await put('again')
    stores.clock.advance(contentGraceMs + 1)
    let putting: Promise<unknown> = Promise.resolve()
    const slow: ObjectStore = {
      ...stores.objects,
      async delete(key) {
        putting = put('again')
        // What it found there would be gone in a moment: it must not go on before that.
        await Promise.race([putting, stores.db.lock('garbage').then((lock) => lock?.release())])
        await stores.objects.delete(key)
      },
    }
    const lock = await stores.db.lock('garbage')
    expect(await garbage(slow).collect({ dryRun: false, check })).toEqual({ files: 1, bytes: 5 })
    await putting
    await lock?.release()
    expect(await content.has(digest)).toBe(true)
  })

  it('is never what is put at the same time', async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `content ${i}`)
    for (let round = 0; round < 5; round++) {
      stores.clock.advance(contentGraceMs + 1)
      const lock = await stores.db.lock('garbage')
      const collecting = collect().finally(() => lock?.release())
      // Not all at once: some are to come when their content is being removed.
      const putting = texts.map(async (text, i) => {
        for (let turn = 0; turn < i * 3; turn++) await stores.objects.list('', { limit: 1 })
        return put(text)
      })
      const [, ...digests] = await Promise.all([collecting, ...putting])
      for (const digest of digests) expect(await content.has(digest)).toBe(true)
    }
  })

  it('is removed to its end after a crash, or stays if it is put again', async () => {
    const texts = ['one', 'two']
    for (const text of texts) await put(text)
    stores.clock.advance(contentGraceMs + 1)
    const crash = new Error('killed')
    const dying: ObjectStore = { ...stores.objects, delete: () => Promise.reject(crash) }
    await expect(garbage(dying).collect({ dryRun: false, check })).rejects.toBe(crash)
    await put('one')
    expect(await collect()).toEqual({ files: 1, bytes: 3 })
    expect(await content.has(sha256('one'))).toBe(true)
    expect(await stores.objects.find(contentKey(sha256('two')))).toBeUndefined()
  })

  it('ends when its lock was lost, and who put what was being removed has it', async () => {
    const texts = ['one', 'two']
    for (const text of texts) await put(text)
    stores.clock.advance(contentGraceMs + 1)
    let putting: Promise<string[]> | undefined
    const heldUp: ObjectStore = {
      ...stores.objects,
      async delete(key) {
        // Nobody holds the lock. The first one can be put only when it is gone, the second one at once.
        putting ??= Promise.all(texts.map(put))
        const ended = () => stores.db.tables<Collections>().selectFrom('content_collections').selectAll()
        while ((await ended().execute()).length > 0) await stores.objects.list('', { limit: 1 })
        await stores.objects.delete(key)
      },
    }
    await expect(garbage(heldUp).collect({ dryRun: false, check })).rejects.toMatchObject({
      code: 'garbage.running',
    })
    for (const digest of (await putting) ?? []) expect(await content.has(digest)).toBe(true)
    expect(putting).toBeDefined()
  })

  it('stays if it is put again long after a crash in its deletion', async () => {
    const digest = await put('one')
    stores.clock.advance(contentGraceMs + 1)
    const dying: ObjectStore = { ...stores.objects, delete: () => Promise.reject(new Error('killed')) }
    await expect(garbage(dying).collect({ dryRun: false, check })).rejects.toThrow('killed')
    await createDatabaseContentUses({ ...stores, deletionMs: 0 }).use(digest)
    expect(await collect()).toEqual({ files: 0, bytes: 0 })
    expect(await content.has(digest)).toBe(true)
  })

  it('is left to a collection that began later', async () => {
    await put('gone')
    stores.clock.advance(contentGraceMs + 1)
    const late: ObjectStore = {
      ...stores.objects,
      async list(...args) {
        await collect(true)
        return stores.objects.list(...args)
      },
    }
    await expect(garbage(late).collect({ dryRun: false, check })).rejects.toMatchObject({
      code: 'garbage.running',
    })
  })
})
