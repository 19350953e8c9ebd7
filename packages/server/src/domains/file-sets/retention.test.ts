import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sha256 } from '../../kernel/hash.ts'
import { fileSetsMigration } from '../../migrations/0018-file-sets.ts'
import { fileSetTagsMigration } from '../../migrations/0024-file-set-tags.ts'
import type { Database } from '../../ports/database.ts'
import { createTemporaryStores } from '../../testing/temporary-stores.ts'
import { createBlobStore } from './blobs/blob-store.ts'
import { createFileSetRetention } from './retention.ts'
import { createFileSetService, type FileSetService } from './service.ts'

const fileSet = 'photos'
const day = 86_400_000

let stores: Awaited<ReturnType<typeof createTemporaryStores>>
let fileSets: FileSetService
beforeEach(async () => {
  stores = await createTemporaryStores([fileSetsMigration, fileSetTagsMigration])
  const blobs = createBlobStore(stores)
  fileSets = createFileSetService({ ...stores, blobs })
  await blobs.put(contents.map((content) => Buffer.from(content)))
})
afterEach(() => stores.close())

const contents = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

/** Adds a version of one file. @returns its id */
async function add(content: string): Promise<string> {
  stores.clock.advance(1)
  async function* entries() {
    yield [{ path: 'file', digest: sha256(content), size: 1 }]
  }
  return (await fileSets.add({ fileSet }, entries())).version
}

/** Another client is always faster: it does its work just before the first transaction. */
function createOvertaken(work: () => Promise<unknown>) {
  let isOvertaken = false
  const db: Database = {
    ...stores.db,
    async transaction(inside) {
      if (!isOvertaken) {
        isOvertaken = true
        await work()
      }
      return stores.db.transaction(inside)
    },
  }
  return createFileSetRetention({ db, clock: stores.clock })
}

const versions = async () => (await fileSets.listVersions(fileSet)).items.map(({ version }) => version)

describe('retention of file sets', () => {
  it('keeps what was tagged, or added again, while it was pruned', async () => {
    const retention = createFileSetRetention(stores)
    const [a, b, c] = [await add('a'), await add('b'), await add('c')]
    const tagging = createOvertaken(() => retention.tag({ fileSet, version: a }, 'good'))
    const removed = await tagging.prune({ fileSet, last: 1, days: 0 })
    expect(removed.map(({ version }) => version)).toEqual([b])
    expect(await versions()).toEqual([c, a])
    await retention.removeTag(fileSet, 'good')
    const adding = createOvertaken(() => add('a'))
    expect(await adding.prune({ fileSet, last: 1, days: 0 })).toEqual([])
    expect(await versions()).toEqual([a, c])
  })

  it('keeps the last versions although two prune at once', async () => {
    for (const content of contents) await add(content)
    const expected = (await versions()).slice(0, 3)
    const retention = createFileSetRetention(stores)
    const prune = () => retention.prune({ fileSet, last: 3, days: 0 })
    expect(await retention.prune({ fileSet, last: 3, days: 1, dryRun: true })).toEqual([])
    const removed = (await Promise.all([prune(), prune(), prune()])).flat()
    expect(await versions()).toEqual(expected)
    expect(removed).toHaveLength(contents.length - 3)
    stores.clock.advance(day)
    expect(await retention.prune({ fileSet, last: 1, days: 1 })).toHaveLength(2)
  })

  it('removes what is the latest version at that moment, and never tags what is gone', async () => {
    const retention = createFileSetRetention(stores)
    const a = await add('a')
    let b = ''
    const removing = createOvertaken(async () => {
      b = await add('b')
    })
    expect((await removing.remove({ fileSet, version: 'latest' })).version).toBe(b)
    const tagging = createOvertaken(() => retention.remove({ fileSet, version: a }))
    const tagged = tagging.tag({ fileSet, version: a }, 'good')
    await expect(tagged).rejects.toMatchObject({ code: 'file_set.not_found' })
    expect(await retention.listTags(fileSet)).toEqual([])
  })

  it('has no tag that leads nowhere, whoever comes first', async () => {
    const retention = createFileSetRetention(stores)
    await add('h')
    for (const content of contents.slice(0, 4)) {
      const version = await add(content)
      const both = await Promise.allSettled([
        retention.tag({ fileSet, version }, 'good'),
        retention.remove({ fileSet, version }),
      ])
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      for (const tag of await retention.listTags(fileSet)) expect(await versions()).toContain(tag.version)
    }
  })

  it('tells readers that a version is gone instead of giving them nothing', async () => {
    const version = await fileSets.getVersion({ fileSet, version: await add('a') })
    await createFileSetRetention(stores).remove({ fileSet, version: version.version })
    await expect(fileSets.files(version)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'file_set.version_not_found',
    })
  })
})
