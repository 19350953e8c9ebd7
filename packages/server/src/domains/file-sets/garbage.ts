import type { Database } from '../../ports/database.ts'
import type { BlobDeps, BlobStore } from './blobs/blob-store.ts'
import { type Amount, createBlobCollector } from './blobs/collector.ts'
import { parsePage } from './manifest.ts'

interface NamingTables {
  file_set_pages: { page: string }
  dvc_objects: { blob: string }
}

export interface FileSetGarbage {
  /**
   * Removes the bytes of files that no version of a file set and no DVC project names, a day after they were sent or
   * last asked for. To be called by the holder of the lock of garbage.
   * @returns what was removed, or would be
   * @throws `garbage.running` if another server has begun since
   */
  collect(options: { dryRun: boolean }): Promise<Amount>
}

const pageSize = 500
const dayMs = 24 * 60 * 60 * 1000

export function createFileSetGarbage({ blobs, ...deps }: BlobDeps & { blobs: BlobStore }): FileSetGarbage {
  const collector = createBlobCollector(deps)
  return {
    async collect({ dryRun }) {
      const collection = await collector.begin()
      for await (const pages of pagesOf(deps.db)) {
        await collector.mark(collection, pages)
        for (const page of pages) {
          const digests = parsePage(await blobs.read(page)).map(({ digest }) => digest)
          await collector.mark(collection, digests)
        }
      }
      for await (const objects of dvcBlobsOf(deps.db)) await collector.mark(collection, objects)
      const before = deps.clock.now() - dayMs
      if (dryRun) {
        const found = await collector.measure(collection)
        return add(found, await collector.removeOrphans(before, { dryRun }))
      }
      let total = { files: 0, bytes: 0 }
      for (;;) {
        // What was made of pieces lets go of them.
        const swept = await collector.sweep(collection)
        total = add(total, swept)
        if (swept.files === 0) break
      }
      await collector.repack(collection)
      return add(total, await collector.removeOrphans(before, { dryRun }))
    },
  }
}

async function* pagesOf(db: Database): AsyncGenerator<string[]> {
  yield* batches((after) =>
    db
      .tables<NamingTables>()
      .selectFrom('file_set_pages')
      .select('page as digest')
      .distinct()
      .where('page', '>', after)
      .orderBy('page')
      .limit(pageSize)
      .execute(),
  )
}

async function* dvcBlobsOf(db: Database): AsyncGenerator<string[]> {
  yield* batches((after) =>
    db
      .tables<NamingTables>()
      .selectFrom('dvc_objects')
      .select('blob as digest')
      .distinct()
      .where('blob', '>', after)
      .orderBy('blob')
      .limit(pageSize)
      .execute(),
  )
}

async function* batches(list: (after: string) => Promise<{ digest: string }[]>): AsyncGenerator<string[]> {
  let after = ''
  for (;;) {
    const digests = (await list(after)).map(({ digest }) => digest)
    if (digests.length > 0) yield digests
    if (digests.length < pageSize) return
    after = digests[digests.length - 1]
  }
}

function add(a: Amount, b: Amount): Amount {
  return { files: a.files + b.files, bytes: a.bytes + b.bytes }
}
