import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import type { Clock } from '../../kernel/clock.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import type { FileSetVersion } from './file-set.ts'
import { type FileSetRef, resolveVersion } from './resolve.ts'
import { countLater, type FileSetTables, findVersions, listVersions, removeVersion } from './store.ts'
import { checkTag, listTagMoves, listTags, moveTag, type TagMove, type TagTables } from './tags.ts'

export interface PruneInput {
  fileSet: string
  /** Keeps so many versions, those added last. */
  last: number
  /** Keeps versions that were added within so many days. */
  days: number
  /** Removes nothing. */
  dryRun?: boolean
}

/**
 * Which versions have names, and which stay. The bytes of those that go are removed by `millrace gc` later. What decides
 * is looked at in the transaction that moves or removes, so that others may add, tag and remove at the same time.
 */
export interface FileSetRetention {
  /** Moves the tag to the version. @throws `file_set.tag_invalid`, and as resolveVersion */
  tag(ref: FileSetRef, tag: string): Promise<Required<TagMove>>
  /** @throws `file_set.version_not_found` if there is no such tag */
  removeTag(fileSet: string, tag: string): Promise<void>
  /** By name. */
  listTags(fileSet: string): Promise<Required<TagMove>[]>
  /** Latest first. */
  listMoves(fileSet: string, tag: string, page?: PageInput): Promise<Page<TagMove>>
  /** @throws `file_set.version_tagged` */
  remove(ref: FileSetRef): Promise<FileSetVersion>
  /** Removes versions that are neither among the last, nor new enough, nor tagged. @returns those */
  prune(input: PruneInput): Promise<FileSetVersion[]>
}

const dayMs = 24 * 60 * 60 * 1000
const pageSize = 500

type Tables = FileSetTables & TagTables

export function createFileSetRetention({ db, clock }: { db: Database; clock: Clock }): FileSetRetention {
  const tables = () => db.tables<Tables>()

  /** Removes it unless it is to be kept by now, or gone. @returns whether it was removed */
  function removeOld(fileSet: string, id: string, { last, before }: { last: number; before: number }) {
    return db.transaction<Tables, boolean>(async (trx) => {
      const [version] = await findVersions(trx, fileSet, id)
      if (!version || version.addedAt >= before) return false
      if ((await countLater(trx, version)) < last) return false
      if ((await tagsOf(trx, version)).length > 0) return false
      await removeVersion(trx, version)
      return true
    })
  }

  return {
    remove: (ref) =>
      db.transaction<Tables, FileSetVersion>(async (trx) => {
        const version = await resolveVersion(trx, ref)
        const tags = await tagsOf(trx, version)
        if (tags.length > 0) {
          throw fail('file_set.version_tagged', {
            name: version.fileSet,
            version: version.version,
            tags: tags.join(', '),
          })
        }
        await removeVersion(trx, version)
        return version
      }),
    async tag(ref, tag) {
      checkTag(tag)
      const now = clock.now()
      return db.transaction<Tables, Required<TagMove>>(async (trx) => {
        const { fileSet, version } = await resolveVersion(trx, ref)
        const [current] = await listTags(trx, fileSet, tag)
        if (current?.version === version) return current
        await moveTag(trx, { fileSet, tag, version }, now)
        return { tag, version, movedAt: now }
      })
    },
    async removeTag(fileSet, tag) {
      await db.transaction<Tables, void>(async (trx) => {
        const [current] = await listTags(trx, fileSet, tag)
        if (!current) throw fail('file_set.version_not_found', { name: fileSet, version: tag })
        await moveTag(trx, { fileSet, tag, version: null }, clock.now())
      })
    },
    listTags: (fileSet) => listTags(tables(), fileSet),
    listMoves: (fileSet, tag, page) =>
      readPage(page, (range) => listTagMoves(tables(), { fileSet, tag }, range)),
    async prune({ fileSet, last, days, dryRun = false }) {
      await resolveVersion(tables(), { fileSet, version: 'latest' })
      const before = clock.now() - days * dayMs
      const tagged = new Set((await listTags(tables(), fileSet)).map(({ version }) => version))
      const old: FileSetVersion[] = []
      for (let offset = last; ; offset += pageSize) {
        const page = await listVersions(tables(), fileSet, { offset, limit: pageSize })
        old.push(...page.filter(({ version, addedAt }) => addedAt < before && !tagged.has(version)))
        if (page.length < pageSize) break
      }
      if (dryRun) return old
      const removed: FileSetVersion[] = []
      for (const version of old) {
        if (await removeOld(fileSet, version.version, { last, before })) removed.push(version)
      }
      return removed
    },
  }
}

/** The names of the tags that are on it. */
async function tagsOf(db: Kysely<Tables>, { fileSet, version }: FileSetVersion): Promise<string[]> {
  const tags = await listTags(db, fileSet)
  return tags.filter((tag) => tag.version === version).map(({ tag }) => tag)
}
