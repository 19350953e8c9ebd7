import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import {
  type ContentNames,
  contentGraceMs,
  contentKey,
  contentPrefix,
  digestsIn,
} from '../../ports/content-store.ts'
import type { Database } from '../../ports/database.ts'
import type { ObjectStore } from '../../ports/object-store.ts'
import type { Amount } from '../artifacts/index.ts'
import {
  addMarks,
  beginCollection,
  beginDeletion,
  beginRemoval,
  type Collection,
  forget,
  listRemoving,
  listUnnamed,
  noteContents,
} from './content-tables.ts'

export interface ContentGarbage {
  /**
   * Removes contents that no record names, `contentGraceMs` after they were put last. To be called by the holder of the
   * lock of garbage.
   * @param check Called now and then; what it throws ends the collection
   * @returns what was removed, or would be
   */
  collect(options: { dryRun: boolean; check(): void }): Promise<Amount>
}

interface ContentGarbageDeps {
  db: Database
  objects: ObjectStore
  clock: Clock
  /** Of every domain that puts contents. What is handed on is named by one before it is by the next. */
  names: readonly ContentNames[]
}

const pageSize = 500
const readAtOnce = 8

/**
 * Why nothing goes that is needed: who is about to name a content uses it first (`ContentUses`), puts it if it is not
 * there, and names it within the grace. A content is removed only if it was not found to be named and its last use is
 * older than the grace, counted from the beginning of the search: it was neither named before, nor can be named since.
 * From that decision until its object is gone every use of it waits. A use that finds the lock free ends the collection,
 * which is asked for right before each deletion; a deletion that has begun is waited for.
 */
export function createContentGarbage({ db, objects, clock, names }: ContentGarbageDeps): ContentGarbage {
  async function mark(collection: Collection, check: () => void): Promise<void> {
    for (const { documents } of names) {
      for await (const digests of documents?.() ?? []) {
        check()
        await markDocuments(collection, digests)
      }
    }
    for (const { leaves } of names) {
      for await (const digests of leaves?.() ?? []) {
        check()
        await addMarks(db, collection, digests)
      }
    }
  }

  async function markDocuments(collection: Collection, named: readonly string[]): Promise<void> {
    let next = await addMarks(db, collection, named)
    while (next.length > 0) {
      const found = new Set<string>()
      for (let start = 0; start < next.length; start += readAtOnce) {
        const texts = next.slice(start, start + readAtOnce).map((digest) => digestsOf(objects, digest))
        for (const digest of (await Promise.all(texts)).flat()) found.add(digest)
      }
      next = await addMarks(db, collection, found)
    }
  }

  async function remove(collection: Collection, digest: string): Promise<Amount> {
    const object = await objects.find(contentKey(digest))
    if (!(await beginDeletion(db, collection, digest))) return { files: 0, bytes: 0 }
    await objects.delete(contentKey(digest))
    await forget(db, digest)
    return { files: object ? 1 : 0, bytes: object?.size ?? 0 }
  }

  return {
    async collect({ dryRun, check }) {
      const total = { files: 0, bytes: 0 }
      const count = ({ files, bytes }: Amount) => {
        total.files += files
        total.bytes += bytes
      }
      const now = clock.now()
      const collection = { id: newId('collection', now), before: now - contentGraceMs }
      await beginCollection(db, collection)
      if (!dryRun) for (const digest of await listRemoving(db)) count(await remove(collection, digest))
      await noteOlder(db, objects, { before: collection.before, check })
      await mark(collection, check)
      if (dryRun) {
        for (let after = ''; ; ) {
          const digests = await listUnnamed(db, collection, { after, limit: pageSize })
          for (const digest of digests) {
            const object = await objects.find(contentKey(digest))
            if (object) count({ files: 1, bytes: object.size })
          }
          if (digests.length < pageSize) return total
          after = digests[digests.length - 1]
        }
      }
      for (let after = ''; ; ) {
        const digests = await beginRemoval(db, collection, after)
        if (digests.length === 0) return total
        after = digests[digests.length - 1]
        for (const digest of digests) {
          check()
          count(await remove(collection, digest))
        }
      }
    },
  }
}

/** Objects from before uses were noted have no row of their own yet. */
async function noteOlder(
  db: Database,
  objects: ObjectStore,
  { before, check }: { before: number; check(): void },
): Promise<void> {
  for (let after: string | undefined; ; ) {
    check()
    const page = await objects.list(contentPrefix, { after })
    const old = page.objects
      .filter(({ modifiedAt }) => modifiedAt < before)
      .map(({ key, modifiedAt }) => {
        return { digest: key.slice(contentPrefix.length).replace('/', ''), modifiedAt }
      })
      .filter(({ digest }) => digestsIn(digest).length > 0)
    if (old.length > 0) await noteContents(db, old)
    after = page.next
    if (after === undefined) return
  }
}

/** Digests that a JSON document names; none of what is something else, or not there. */
async function digestsOf(objects: ObjectStore, digest: string): Promise<string[]> {
  const key = contentKey(digest)
  if (!(await objects.find(key))) return []
  for await (const [first] of await objects.get(key, { start: 0, end: 1 })) if (first !== 0x7b) return []
  const found = new Set<string>()
  // A digest may begin in one chunk and end in the next one.
  let rest = ''
  for await (const chunk of await objects.get(key)) {
    const text = rest + Buffer.from(chunk).toString('latin1')
    for (const one of digestsIn(text)) found.add(one)
    rest = text.slice(-65)
  }
  return [...found]
}
