import { createHash, randomFillSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../../kernel/hash.ts'
import { fileSetsMigration } from '../../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../../migrations/0024-file-set-tags.ts'
import { createTemporaryStores } from '../../../testing/temporary-stores.ts'
import { createBlobStore } from '../blobs/blob-store.ts'
import { createFileSetService } from '../service.ts'
import { createDvcService } from './service.ts'

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
async function* stream<Item>(items: readonly Item[]) {
  yield* items
}

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
beforeEach(async () => {
  stores = await createTemporaryStores([fileSetsMigration, fileSetTagsMigration])
})
afterEach(() => stores.close())

function createBed(options: { longestDirectory?: number } = {}) {
  const blobs = createBlobStore(stores)
  const fileSets = createFileSetService({ ...stores, blobs })
  const dvc = createDvcService({ ...stores, blobs, fileSets, ...options })
  const add = (files: Record<string, Buffer>) =>
    fileSets.add(
      { fileSet: 'photos' },
      stream([
        Object.entries(files).map(([path, bytes]) => ({ path, digest: sha256(bytes), size: bytes.length })),
      ]),
    )
  return { blobs, fileSets, dvc, add }
}

describe('DVC projects', () => {
  it('get files that are here as a part of larger ones only', async () => {
    const { blobs, dvc, add } = createBed()
    const large = randomFillSync(Buffer.alloc(2_500_000))
    await blobs.putStream(stream([Buffer.from(large)]), { digest: sha256(large) })
    const [{ piece }] = await stores.db
      .tables<{ blob_pieces: { piece: string; position: number } }>()
      .selectFrom('blob_pieces')
      .select('piece')
      .where('position', '=', 0)
      .execute()
    // A client need not send it: its bytes are here.
    const part = await blobs.read(piece)
    await add({ 'large.bin': large, 'part.bin': part })
    const output = await dvc.exportVersion('shop', { fileSet: 'photos', version: 'latest' })
    const entries = [
      { md5: md5(large), relpath: 'large.bin' },
      { md5: md5(part), relpath: 'part.bin' },
    ]
    expect(output).toMatchObject({ nfiles: 2, size: large.length + part.length })
    expect(JSON.parse(String(await blobs.read((await dvc.get('shop', output.md5)).digest)))).toEqual(entries)
    expect((await dvc.get('shop', md5(part))).digest).toBe(piece)
    const imported = await dvc.importObject('shop', { object: output.md5, path: 'x', fileSet: 'again' })
    expect(imported).toMatchObject({ files: 2, version: output.version })
  })

  it('refuse lists of folders that are too long to be read at once', async () => {
    const { blobs, dvc, add } = createBed()
    await blobs.put([Buffer.from('a')])
    await add({ 'a.txt': Buffer.from('a') })
    const ref = { fileSet: 'photos', version: 'latest' }
    const { md5: object } = await dvc.exportVersion('shop', ref)
    const { dvc: small } = createBed({ longestDirectory: 60 })
    const refused = { code: 'dvc.object_invalid', details: { reason: expect.stringContaining('60') } }
    const input = { object, path: 'x', fileSet: 'again' }
    await expect(small.importObject('shop', input)).rejects.toMatchObject(refused)
    await expect(small.exportVersion('other', ref)).rejects.toMatchObject(refused)
    await expect(small.get('other', object)).rejects.toMatchObject({ code: 'dvc.object_not_found' })
  })
})
