import { compareFilePaths } from '@millrace/protocol'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../kernel/hash.ts'
import { fileSetsMigration } from '../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../migrations/0024-file-set-tags.ts'
import { blobCollectionsMigration } from '../../migrations/0028-blob-collections.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { type BlobStore, createBlobStore } from './blobs/blob-store.ts'
import type { FileEntry } from './file-set.ts'
import { manifestEntries } from './manifest-lines.ts'
import { createFileSetService, type FileSetService } from './service.ts'

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let blobs: BlobStore
let fileSets: FileSetService
beforeEach(async () => {
  stores = await createTemporaryStores([fileSetsMigration, fileSetTagsMigration, blobCollectionsMigration])
  blobs = createBlobStore(stores)
  fileSets = createFileSetService({ ...stores, blobs })
})
afterEach(() => stores.close())

type Folder = Record<string, string>

function entriesOf(folder: Folder): FileEntry[] {
  return Object.entries(folder)
    .map(([path, content]) => ({ path, digest: sha256(content), size: Buffer.byteLength(content) }))
    .sort((a, b) => compareFilePaths(a.path, b.path))
}
async function* stream<Item>(items: readonly Item[]) {
  yield* items
}
async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}
async function add(folder: Folder, message?: string) {
  await blobs.put(Object.values(folder).map((content) => Buffer.from(content)))
  return fileSets.add({ fileSet: 'photos', message }, stream([entriesOf(folder)]))
}
const packs = async () => (await stores.objects.list('packs/')).objects

describe('file sets', () => {
  it('have versions that are named by their files', async () => {
    const first = await add({ 'a/1.jpg': 'one', 'a/2.jpg': 'two', b: '' }, 'first')
    expect(first).toEqual({
      fileSet: 'photos',
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      files: 3,
      bytes: 6,
      message: 'first',
      createdAt: stores.clock.now(),
      addedAt: stores.clock.now(),
    })
    stores.clock.advance(5)
    const second = await add({ 'a/1.jpg': 'one' }, 'second')
    expect(second.version).not.toBe(first.version)
    expect((await fileSets.getVersion({ fileSet: 'photos', version: 'latest' })).version).toBe(second.version)
    stores.clock.advance(5)
    const again = await add({ 'a/1.jpg': 'one', 'a/2.jpg': 'two', b: '' }, 'back again')
    expect(again).toEqual({ ...first, message: 'back again', addedAt: stores.clock.now() })
    expect((await fileSets.listVersions('photos')).items).toEqual([again, second])
    expect((await fileSets.list()).items).toEqual([{ name: 'photos', versions: 2, latest: again }])
    const beginning = first.version.slice(0, 6)
    expect(await fileSets.getVersion({ fileSet: 'photos', version: beginning })).toEqual(again)
    expect(await fileSets.getFile({ fileSet: 'photos', version: beginning }, 'a/2.jpg')).toMatchObject({
      digest: sha256('two'),
    })
    await expect(fileSets.getFile({ fileSet: 'photos', version: beginning }, 'a')).rejects.toMatchObject({
      code: 'file_set.path_invalid',
    })
    for (const version of ['0000', 'x', `${first.version}0`]) {
      await expect(fileSets.getVersion({ fileSet: 'photos', version })).rejects.toMatchObject({
        code: 'file_set.version_not_found',
      })
    }
    await expect(fileSets.listVersions('none')).rejects.toMatchObject({ code: 'file_set.not_found' })
  })

  it('share the pages of their manifests that are the same', async () => {
    const folder = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`f/${i}.txt`, `${i % 10}`]))
    const from = await add(folder)
    const size = async () => (await packs()).reduce((sum, { size }) => sum + size, 0)
    const before = await size()
    const to = await add({ ...folder, 'f/4000.txt': 'changed', 'f/5000a.txt': 'new' })
    expect(before).toBeGreaterThan(400_000)
    expect((await size()) - before).toBeLessThan(before / 2)
    const diff = await fileSets.diff({ fileSet: 'photos', from: from.version, to: to.version })
    expect(diff).toMatchObject({
      added: { files: 1, bytes: 3 },
      removed: { files: 0 },
      changed: { files: 1 },
    })
    expect(diff.items.map(({ path, change }) => [path, change])).toEqual([
      ['f/4000.txt', 'changed'],
      ['f/5000a.txt', 'added'],
    ])
    const ref = { fileSet: 'photos', version: to.version }
    const pages: FileEntry[] = []
    let pageToken: string | undefined
    do {
      const page = await fileSets.listFiles(ref, { limit: 2500, pageToken })
      pages.push(...page.items)
      pageToken = page.nextPageToken
    } while (pageToken !== undefined)
    expect(pages).toEqual(await all(fileSets.files(to)))
    expect(pages.length).toBe(6001)
  })

  it('give back what was added, and differ as the folders do', async () => {
    const name = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '~', '😀', '\uffff'),
      minLength: 1,
      maxLength: 3,
    })
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
    const folder = fc
      .dictionary(path, fc.constantFrom('', 'x', 'yy'), { minKeys: 1, maxKeys: 12 })
      .map((files): Folder => {
        const isFolder = (file: string) => Object.keys(files).some((other) => other.startsWith(`${file}/`))
        return Object.fromEntries(Object.entries(files).filter(([file]) => !isFolder(file)))
      })
    await fc.assert(
      fc.asyncProperty(folder, folder, async (a, b) => {
        const [from, to] = [await add(a), await add(b)]
        expect(await all(fileSets.files(from))).toEqual(entriesOf(a))
        const diff = await fileSets.diff({ fileSet: 'photos', from: from.version, to: to.version })
        const expected = [...new Set([...Object.keys(a), ...Object.keys(b)])]
          .filter((file) => a[file] !== b[file])
          .sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
          .map((file) => [file, file in a ? (file in b ? 'changed' : 'removed') : 'added'])
        expect(diff.items.map(({ path: file, change }) => [file, change])).toEqual(expected)
        expect(from.version === to.version).toBe(expected.length === 0)
      }),
      { numRuns: 25 },
    )
  })

  it.each([
    ['twice', ['a', 'a'], '"a" is in it twice'],
    ['out of order', ['b', 'a'], '"a" comes after "b"'],
    ['files that are folders', ['a', 'a-b', 'a/b'], '"a" is a file, so "a/b" cannot lie in it'],
    ['nothing', [], 'it has no files'],
  ])('refuse %s', async (_, paths, reason) => {
    await blobs.put([Buffer.from('x')])
    const entries = paths.map((path) => ({ path, digest: sha256('x'), size: 1 }))
    await expect(fileSets.add({ fileSet: 'photos' }, stream([entries]))).rejects.toMatchObject({
      code: 'file_set.manifest_invalid',
      details: { reason: expect.stringContaining(reason) },
    })
    await expect(fileSets.listVersions('photos')).rejects.toMatchObject({ code: 'file_set.not_found' })
  })

  it('refuse files whose bytes are not here, or are others than said', async () => {
    await blobs.put([Buffer.from('x')])
    const addOne = (entry: FileEntry) => fileSets.add({ fileSet: 'photos' }, stream([[entry]]))
    await expect(addOne({ path: 'a', digest: sha256('y'), size: 1 })).rejects.toMatchObject({
      code: 'file_set.bytes_missing',
      details: { count: 1, path: 'a', digests: [sha256('y')] },
    })
    await expect(addOne({ path: 'a', digest: sha256('x'), size: 2 })).rejects.toMatchObject({
      code: 'file_set.manifest_invalid',
    })
    await expect(addOne({ path: '../a', digest: sha256('x'), size: 1 })).rejects.toMatchObject({
      code: 'file_set.path_invalid',
    })
    await expect(fileSets.add({ fileSet: '../x' }, stream([]))).rejects.toMatchObject({
      code: 'file_set.name_invalid',
    })
  })

  it.each([
    ['{', 'line 1 is no JSON'],
    ['null', 'line 1 has no path'],
    ['{"path":"a","digest":"x","size":1}', 'line 1 has no digest'],
    [`{"path":"a","digest":"${'a'.repeat(64)}","size":-1}`, 'line 1 has no size'],
    ['x'.repeat(20_000), 'a line is longer than 16384 characters'],
    ['\xff', 'it is no UTF-8'],
  ])('refuse the line %.40s', async (line, reason) => {
    const body = Buffer.from(line, 'latin1')
    await expect(all(manifestEntries('photos', stream([body])))).rejects.toMatchObject({
      code: 'file_set.manifest_invalid',
      details: { reason: expect.stringContaining(reason) },
    })
  })
})
