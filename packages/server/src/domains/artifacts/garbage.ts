import type { ObjectStore, StoredObject } from '../../ports/object-store.ts'
import { artifactPrefix, checkArtifactPath, pathOfKey } from './artifact-path.ts'
import { findCurrent } from './current.ts'
import type { ArtifactDeps } from './files.ts'
import { type ArtifactTables, type Db, knownPaths, rangeOf } from './store.ts'
import { knownUploads, listAbandoned, removeUpload } from './upload-store.ts'
import { uploadPrefix } from './uploads.ts'
import { listExpiredWrites, listSeals, removeExpiredWrites, removeSeal } from './write-store.ts'

export interface Amount {
  files: number
  bytes: number
}

/** Finds and removes what nothing refers to any more. `dryRun` counts and removes nothing. */
export interface ArtifactGarbage {
  /** Files and bytes beneath a folder. */
  measure(folder: string): Promise<Amount>
  /** Uploads in parts that got no part since `before` (milliseconds). */
  removeAbandonedUploads(before: number, options: { dryRun: boolean }): Promise<Amount & { uploads: number }>
  /** Objects without a row that are older than `before`, such as a crash leaves: nobody can reach them. */
  removeOrphans(before: number, options: { dryRun: boolean }): Promise<Amount>
  /**
   * Breaks seals from before `before` that nobody holds: a crash came between a seal and what was to hold it.
   * @param findHeld gives those of the holders that exist
   */
  removeOrphanSeals(
    before: number,
    findHeld: (holders: readonly string[]) => Promise<ReadonlySet<string>>,
  ): Promise<void>
  /** Checks the rows of files whose writer was killed in the last moment, so that no reader has to do it again. */
  settleWrites(now: number): Promise<void>
}

const pageSize = 500

export function createArtifactGarbage({
  db,
  objects,
}: Pick<ArtifactDeps, 'db' | 'objects'>): ArtifactGarbage {
  const tables = (): Db => db.tables<ArtifactTables>()

  /** Those of a page of objects that have no row; told by `known` from what the keys stand for. */
  async function remove(
    prefix: string,
    { before, dryRun }: { before: number; dryRun: boolean },
    findUnknown: (objects: readonly StoredObject[]) => Promise<StoredObject[]>,
  ): Promise<Amount> {
    const total = { files: 0, bytes: 0 }
    for await (const page of pagesOf(objects, prefix)) {
      const old = page.filter(({ modifiedAt }) => modifiedAt < before)
      for (const { key, version, size } of await findUnknown(old)) {
        if (!dryRun) {
          // It may have been replaced, by a file that has a row, since it was listed.
          const now = await objects.find(key)
          if (now?.version !== version || (await findUnknown([now])).length === 0) continue
          await objects.delete(key)
        }
        total.files++
        total.bytes += size
      }
    }
    return total
  }

  return {
    async measure(folder) {
      checkArtifactPath(folder)
      const { from, to = '' } = rangeOf(folder)
      const { files, bytes } = await tables()
        .selectFrom('artifacts')
        .select((e) => [e.fn.countAll().as('files'), e.fn.sum('size').as('bytes')])
        .where('path', '>=', from)
        .where('path', '<', to)
        .executeTakeFirstOrThrow()
      return { files: Number(files), bytes: Number(bytes ?? 0) }
    },
    async removeAbandonedUploads(before, { dryRun }) {
      let uploads = 0
      let after: string | undefined
      for (;;) {
        const page = await listAbandoned(tables(), before, { after, limit: pageSize })
        uploads += page.length
        if (!dryRun) {
          for (const { id } of page) {
            await db.transaction<ArtifactTables, void>((trx) => removeUpload(trx, id))
          }
        }
        after = page.at(-1)?.id
        if (page.length < pageSize) break
      }
      const isGone = async (parts: readonly StoredObject[]) => {
        const idOf = ({ key }: StoredObject) => key.slice(uploadPrefix.length).split('/')[0]
        const ids = [...new Set(parts.map(idOf))]
        const known = await knownUploads(tables(), ids, { usedSince: dryRun ? before : 0 })
        return parts.filter((part) => !known.has(idOf(part)))
      }
      return { uploads, ...(await remove(uploadPrefix, { before, dryRun }, isGone)) }
    },
    async removeOrphanSeals(before, findHeld) {
      let after = { folder: '', holder: '' }
      for (;;) {
        const page = await listSeals(tables(), before, { after, limit: pageSize })
        const held = await findHeld(page.map(({ holder }) => holder))
        for (const { folder, holder } of page) {
          if (!held.has(holder)) await removeSeal(tables(), folder, holder)
        }
        if (page.length < pageSize) break
        after = page[page.length - 1]
      }
    },
    async settleWrites(now) {
      for (const path of await listExpiredWrites(tables(), now)) {
        await findCurrent({ db: tables(), objects }, path)
        await db.transaction<ArtifactTables, void>((trx) => removeExpiredWrites(trx, path, now))
      }
    },
    removeOrphans: (before, { dryRun }) =>
      remove(artifactPrefix, { before, dryRun }, async (page) => {
        const paths = page.map(({ key }) => pathOfKey(key))
        const known = await knownPaths(
          tables(),
          paths.filter((path) => path !== undefined),
        )
        return page.filter((_, i) => {
          const path = paths[i]
          return path === undefined || !known.has(path)
        })
      }),
  }
}

async function* pagesOf(objects: ObjectStore, prefix: string): AsyncGenerator<StoredObject[]> {
  let after: string | undefined
  do {
    const page = await objects.list(prefix, { after, limit: pageSize })
    yield page.objects
    after = page.next
  } while (after !== undefined)
}
