import { createHash, randomFillSync } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../kernel/hash.ts'
import { fileSetsMigration } from '../../../migrations/0018-file-sets.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { batchHeader } from './batch.ts'
import { type BlobStore, createBlobStore } from './blob-store.ts'
import { piecesOf } from './chunker.ts'

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const text = (value: string) => Buffer.from(value)

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let blobs: BlobStore
beforeEach(async () => {
  stores = await createTemporaryStores([fileSetsMigration])
  blobs = createBlobStore(stores)
})
afterEach(() => stores.close())

async function* inChunks(bytes: Uint8Array, size = 100_000) {
  for (let at = 0; at < bytes.byteLength; at += size) yield Buffer.from(bytes.subarray(at, at + size))
}
async function all(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}
function batchOf(files: readonly Buffer[]): AsyncIterable<Uint8Array> {
  const entries = files.map((bytes) => ({ digest: sha256(bytes), size: bytes.byteLength }))
  return inChunks(Buffer.concat([batchHeader(entries), ...files]), 7)
}
const packs = async () => (await stores.objects.list('packs/')).objects.length

describe('pieces', () => {
  it('are the body again, within their lengths, however it comes', async () => {
    const sizes = { shortest: 16, usual: 64, longest: 256 }
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 700 }),
        async (bytes, step) => {
          const cut = async (size: number) => {
            const pieces: Buffer[] = []
            for await (const piece of piecesOf(inChunks(bytes, size), sizes)) pieces.push(piece)
            return pieces
          }
          const pieces = await cut(step)
          expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
          expect(pieces.every((piece) => piece.length <= 256)).toBe(true)
          expect(pieces.slice(0, -1).every((piece) => piece.length > 16)).toBe(true)
          expect((await cut(3000)).map((piece) => piece.length)).toEqual(pieces.map((piece) => piece.length))
        },
      ),
      { numRuns: 50 },
    )
  })

  it('stay the same away from a change', async () => {
    const sizes = { shortest: 256, usual: 1024, longest: 4096 }
    const bytes = randomFillSync(Buffer.alloc(200_000))
    const cut = async (body: Uint8Array) => {
      const digests: string[] = []
      for await (const piece of piecesOf(inChunks(body), sizes)) digests.push(sha256(piece))
      return digests
    }
    const before = new Set(await cut(bytes))
    const after = await cut(
      Buffer.concat([bytes.subarray(0, 100_000), text('inserted'), bytes.subarray(100_000)]),
    )
    expect(before.size).toBeGreaterThan(80)
    expect(after.filter((digest) => !before.has(digest)).length).toBeLessThan(6)
  })
})

describe('blobs', () => {
  it('come back as they were put, whole and in part, small files in one pack', async () => {
    const files = ['a', 'bb', '', 'dddd'].map(text)
    const added = { files: 4, bytes: 7 }
    expect(await blobs.putBatch(batchOf(files))).toEqual({ ...added, added })
    expect(await packs()).toBe(1)
    for (const bytes of files) {
      expect(await blobs.get(sha256(bytes))).toEqual({
        digest: sha256(bytes),
        size: bytes.length,
      })
      expect(await blobs.read(sha256(bytes))).toEqual(bytes)
    }
    expect((await all(await blobs.open(sha256(files[3]), { start: 1, end: 3 }))).toString()).toBe('dd')
    const order = [3, 0, 1, 3, 2].map((i) => sha256(files[i]))
    const many = await blobs.openMany(order)
    expect([many.size, (await all(many.body)).toString()]).toEqual([11, 'ddddabbdddd'])
    expect(await blobs.putBatch(batchOf(files))).toEqual({ ...added, added: { files: 0, bytes: 0 } })
    expect(await packs()).toBe(1)
    const some = await blobs.putBatch(batchOf([...files, text('new')]))
    expect(some).toEqual({ files: 5, bytes: 10, added: { files: 1, bytes: 3 } })
  })

  it('are cut into pieces where they are large, and versions of them share these', async () => {
    const bytes = randomFillSync(Buffer.alloc(6_000_000))
    const digest = sha256(bytes)
    expect(await blobs.putStream(inChunks(bytes), { digest })).toEqual({ digest, size: bytes.length })
    expect((await blobs.read(digest)).equals(bytes)).toBe(true)
    const range = { start: 1_999_999, end: 4_500_001 }
    expect((await all(await blobs.open(digest, range))).equals(bytes.subarray(range.start, range.end))).toBe(
      true,
    )
    const size = async () =>
      (await stores.objects.list('packs/')).objects.reduce((sum, object) => sum + object.size, 0)
    const before = await size()
    const changed = Buffer.concat([bytes.subarray(0, 3_000_000), text('new'), bytes.subarray(3_000_000)])
    await blobs.putStream(inChunks(changed), { md5: md5(changed) })
    expect((await blobs.read(sha256(changed))).equals(changed)).toBe(true)
    expect(await size()).toBeLessThan(before + 4_500_000)
    const again = await size()
    await blobs.putStream(inChunks(bytes), { digest })
    expect(await size()).toBe(again)
  })

  it('are found as pieces and as files alike', async () => {
    const bytes = randomFillSync(Buffer.alloc(2_500_000))
    await blobs.putStream(inChunks(bytes), { digest: sha256(bytes) })
    await blobs.putBatch(batchOf([bytes]))
    expect((await blobs.read(sha256(bytes))).equals(bytes)).toBe(true)
    const [first] = await stores.db
      .tables<{ blob_pieces: { piece: string; position: number } }>()
      .selectFrom('blob_pieces')
      .select('piece')
      .orderBy('position')
      .execute()
    expect((await blobs.get(first.piece)).md5).toBeUndefined()
    const piece = await blobs.read(first.piece)
    await blobs.putStream(inChunks(piece), { md5: md5(piece) })
    expect((await blobs.get(first.piece)).md5).toBe(md5(piece))
  })

  it('have MD5s, whether they came under these or not', async () => {
    const large = randomFillSync(Buffer.alloc(2_500_000))
    const small = ['', 'a', 'bb', 'ccc'].map(text)
    await blobs.putBatch(batchOf(small))
    await blobs.putStream(inChunks(large), { digest: sha256(large) })
    await blobs.putStream(inChunks(text('dvc')), { md5: md5(text('dvc')) })
    const [{ piece }] = await stores.db
      .tables<{ blob_pieces: { piece: string; position: number } }>()
      .selectFrom('blob_pieces')
      .select('piece')
      .where('position', '=', 1)
      .execute()
    const files = [...small, large, text('dvc'), await blobs.read(piece)]
    const digests = files.map((bytes) => sha256(bytes))
    for (let times = 0; times < 2; times++) {
      const found = await blobs.md5s([...digests, sha256('not here')])
      expect(found).toEqual(new Map(files.map((bytes) => [sha256(bytes), md5(bytes)])))
    }
    expect((await blobs.get(sha256(large))).md5).toBe(md5(large))
  })

  it('of many clients at once share packs', async () => {
    const files = Array.from({ length: 40 }, (_, i) => text(`file ${i}`))
    await Promise.all(files.map((bytes) => blobs.putStream(inChunks(bytes), { md5: md5(bytes) })))
    expect(await packs()).toBeLessThan(5)
    for (const bytes of files) expect(await blobs.read(sha256(bytes))).toEqual(bytes)
  })

  it('are refused when they are others than announced', async () => {
    const [a, b] = [sha256(text('a')), sha256(text('b'))]
    await expect(blobs.putStream(inChunks(text('a')), { digest: b })).rejects.toMatchObject({
      code: 'blob.mismatch',
      details: { expected: b, found: a },
    })
    await expect(blobs.putStream(inChunks(text('a')), { md5: '0'.repeat(32) })).rejects.toMatchObject({
      code: 'blob.mismatch',
    })
    const header = batchHeader([{ digest: b, size: 1 }])
    await expect(blobs.putBatch(inChunks(Buffer.concat([header, text('a')])))).rejects.toMatchObject({
      code: 'blob.mismatch',
    })
    expect((await blobs.use([a, b])).size).toBe(0)
    await expect(blobs.open(a)).rejects.toMatchObject({ code: 'blob.not_found' })
  })

  it.each([
    ['', 'it ends in its first line'],
    ['[', 'it ends in its first line'],
    ['x\n', 'its first line is no JSON'],
    ['{}\n', 'its first line is no list'],
    ['[["zz",1]]\na', 'entry 0 has no SHA-256 in lower-case hex'],
    [`[["${'a'.repeat(64)}",5000000]]\n`, 'entry 0 has no size'],
    [`[["${'a'.repeat(64)}",2]]\na`, 'it ends before its last file'],
    ['[]\na', 'there are bytes after the last file'],
  ])('refuse the batch %j', async (body, reason) => {
    await expect(blobs.putBatch(inChunks(text(body)))).rejects.toMatchObject({
      code: 'blob.batch_invalid',
      details: { reason: expect.stringContaining(reason) },
    })
  })

  it('that are damaged are an error, never wrong bytes', async () => {
    const [digest] = await blobs.put([text('precious')])
    const [pack] = (await stores.objects.list('packs/')).objects
    const stored = await all(await stores.objects.get(pack.key))
    stored[stored.length - 1] ^= 1
    await stores.objects.put(pack.key, stored)
    await expect(blobs.read(digest)).rejects.toMatchObject({ code: 'content.corrupt' })
  })
})
