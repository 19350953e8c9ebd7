import { createHash } from 'node:crypto'
import { compareFilePaths } from '@millrace/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../kernel/hash.ts'
import { fileSetsMigration } from '../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../migrations/0024-file-set-tags.ts'
import { blobCollectionsMigration } from '../../migrations/0028-blob-collections.ts'
import type { ObjectStore } from '../../ports/object-store.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createBlobStore } from './blobs/blob-store.ts'
import { createBlobCollector } from './blobs/collector.ts'
import { createDvcService } from './dvc/service.ts'
import { createFileSetGarbage } from './garbage.ts'
import { createFileSetRetention } from './retention.ts'
import { createFileSetService } from './service.ts'

const day = 86_400_000

async function* stream<Item>(items: readonly Item[]) {
  yield* items
}

async function withFileSets(work: (bed: Awaited<ReturnType<typeof createBed>>) => Promise<void>) {
  const bed = await createBed()
  try {
    await work(bed)
  } finally {
    await bed.stores.close()
  }
}

async function createBed() {
  const stores = await createTemporaryStores([
    fileSetsMigration,
    fileSetTagsMigration,
    blobCollectionsMigration,
  ])
  // Objects get the time of the machine.
  stores.clock.set(Date.now())
  const blobs = createBlobStore(stores)
  const fileSets = createFileSetService({ ...stores, blobs })
  const retention = createFileSetRetention(stores)
  const dvc = createDvcService({ ...stores, blobs, fileSets })
  const garbage = createFileSetGarbage({ ...stores, blobs })
  const send = (contents: readonly string[]) => blobs.put(contents.map((content) => Buffer.from(content)))
  const register = (contents: readonly string[]) => {
    const files = [...new Set(contents)].map((content) => ({
      path: `f/${content}`,
      digest: sha256(content),
      size: Buffer.byteLength(content),
    }))
    files.sort((a, b) => compareFilePaths(a.path, b.path))
    return fileSets.add({ fileSet: 'photos' }, stream([files]))
  }
  return { stores, blobs, fileSets, retention, dvc, garbage, send, register }
}

describe('garbage of file sets', () => {
  it('is what no version names, a day after it was sent', () =>
    withFileSets(async ({ stores, blobs, garbage, send, register, retention }) => {
      await send(['kept', 'sent only'])
      const version = await register(['kept'])
      stores.clock.advance(day)
      expect(await garbage.collect({ dryRun: false })).toEqual({ files: 0, bytes: 0 })
      stores.clock.advance(1)
      const expected = { files: 1, bytes: 9 }
      expect(await garbage.collect({ dryRun: true })).toEqual(expected)
      expect((await blobs.use([sha256('sent only')])).size).toBe(1)
      stores.clock.advance(2 * day)
      expect(await garbage.collect({ dryRun: false })).toEqual(expected)
      expect((await blobs.use([sha256('sent only')])).size).toBe(0)
      expect((await blobs.read(sha256('kept'))).toString()).toBe('kept')
      await retention.remove({ fileSet: 'photos', version: version.version })
      stores.clock.advance(2 * day)
      expect((await garbage.collect({ dryRun: false })).files).toBe(2)
      expect((await stores.objects.list('packs/')).objects).toEqual([])
    }))

  it('is left alone by a server whose lock went to another one', () =>
    withFileSets(async ({ stores, blobs, garbage, register, send }) => {
      await send(['kept', 'sent only'])
      stores.clock.advance(2 * day)
      const collected = () => garbage.collect({ dryRun: false })
      let other: Promise<unknown> | undefined
      const slow = createFileSetGarbage({
        ...stores,
        blobs: {
          ...blobs,
          async read(page) {
            // What this one has marked is gone, and a file that nobody named then is named now.
            other ??= collected()
            await other
            return blobs.read(page)
          },
        },
      })
      await register(['kept'])
      await expect(slow.collect({ dryRun: false })).rejects.toMatchObject({ code: 'garbage.running' })
      await other
      expect(await blobs.read(sha256('kept'))).toEqual(Buffer.from('kept'))
      expect((await blobs.use([sha256('sent only')])).size).toBe(0)

      const collector = createBlobCollector(stores)
      const stale = await collector.begin()
      await collector.mark(stale, [])
      await collector.begin()
      stores.clock.advance(2 * day)
      const steps = [
        () => collector.mark(stale, [sha256('kept')]),
        () => collector.measure(stale),
        () => collector.sweep(stale),
      ]
      for (const step of steps) await expect(step()).rejects.toMatchObject({ code: 'garbage.running' })
      expect(await blobs.read(sha256('kept'))).toEqual(Buffer.from('kept'))
    }))

  it('lets pieces go with what they are pieces of, and keeps shared ones', () =>
    withFileSets(async ({ stores, blobs, garbage, dvc }) => {
      const bytes = Buffer.alloc(2_400_000)
      for (let i = 0; i < bytes.length; i += 4) bytes.writeInt32LE(Math.imul(i, 0x9e3779b1), i)
      const changed = Buffer.from(bytes)
      changed.write('changed', bytes.length - 100)
      await blobs.putStream(stream([Buffer.from(bytes)]), { digest: sha256(bytes) })
      const md5 = createHash('md5').update(changed).digest('hex')
      await dvc.put('shop', md5, stream([Buffer.from(changed)]))
      stores.clock.advance(2 * day)
      await garbage.collect({ dryRun: false })
      expect((await blobs.use([sha256(bytes)])).size).toBe(0)
      expect((await blobs.read(sha256(changed))).equals(changed)).toBe(true)
    }))

  it('is also a pack that a crash left without a row', () =>
    withFileSets(async ({ stores, blobs, garbage, send }) => {
      const crash = new Error('killed')
      const dying: ObjectStore = {
        ...stores.objects,
        async put(...args) {
          await stores.objects.put(...args)
          throw crash
        },
      }
      const late = createBlobStore({ ...stores, objects: dying })
      await expect(late.put([Buffer.from('lost')])).rejects.toBe(crash)
      await send(['lost'])
      stores.clock.advance(2 * day)
      expect(await garbage.collect({ dryRun: true })).toMatchObject({ files: 2 })
      await blobs.use([sha256('lost')])
      expect(await garbage.collect({ dryRun: false })).toMatchObject({ files: 1 })
      expect((await blobs.read(sha256('lost'))).toString()).toBe('lost')
      expect((await stores.objects.list('packs/')).objects).toHaveLength(1)
    }))

  it('is never what something names, whatever happens in between', async () => {
    const content = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
    const contents = fc.uniqueArray(content, { minLength: 1, maxLength: 5 })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), contents, waitMs: fc.constantFrom(0, day / 3) }),
      fc.record({ kind: fc.constant('remove' as const) }),
      fc.record({ kind: fc.constant('tag' as const) }),
      fc.record({ kind: fc.constant('prune' as const) }),
      fc.record({ kind: fc.constant('export' as const) }),
      fc.record({ kind: fc.constant('collect' as const), waitMs: fc.constantFrom(0, day / 3, 2 * day) }),
    )
    const runs = fc.array(step, { minLength: 3, maxLength: 14 })
    await fc.assert(
      fc.asyncProperty(runs, (steps) =>
        withFileSets(async ({ stores, blobs, fileSets, retention, dvc, garbage, send, register }) => {
          const kept = new Map<string, string[]>()
          const exported = new Map<string, string[]>()
          let tagged: string | undefined
          for (const next of steps) {
            const [version] = kept.keys()
            if (next.kind === 'add') {
              await send(next.contents)
              stores.clock.advance(next.waitMs)
              // Between sending and registering, as another client's collection might come.
              await garbage.collect({ dryRun: false })
              const added = await register(next.contents)
              kept.set(added.version, next.contents)
            } else if (next.kind === 'remove' && version !== undefined) {
              const removing = retention.remove({ fileSet: 'photos', version })
              if (version === tagged) await expect(removing).rejects.toMatchObject({ status: 409 })
              else {
                await removing
                kept.delete(version)
              }
            } else if (next.kind === 'tag' && version !== undefined) {
              await retention.tag({ fileSet: 'photos', version: 'latest' }, 'good')
              tagged = (await fileSets.getVersion({ fileSet: 'photos', version: 'good' })).version
            } else if (next.kind === 'prune' && kept.size > 0) {
              const removed = await retention.prune({ fileSet: 'photos', last: 1, days: 1 })
              for (const { version: gone } of removed) {
                expect(gone).not.toBe(tagged)
                kept.delete(gone)
              }
            } else if (next.kind === 'export' && version !== undefined) {
              const { md5 } = await dvc.exportVersion('shop', { fileSet: 'photos', version })
              exported.set(md5, kept.get(version) ?? [])
            } else if (next.kind === 'collect') {
              stores.clock.advance(next.waitMs)
              await garbage.collect({ dryRun: false })
            }
            for (const [id, expected] of kept) {
              const found: string[] = []
              const ref = await fileSets.getVersion({ fileSet: 'photos', version: id })
              for await (const { digest } of fileSets.files(ref)) found.push(String(await blobs.read(digest)))
              expect(found).toEqual([...expected].sort())
            }
            for (const [object, expected] of exported) {
              const { digest } = await dvc.get('shop', object)
              expect(JSON.parse(String(await blobs.read(digest)))).toHaveLength(expected.length)
              for (const file of expected) expect(String(await blobs.read(sha256(file)))).toBe(file)
            }
          }
        }),
      ),
      { numRuns: 6 },
    )
  })
})
