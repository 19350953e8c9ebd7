import { fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import type { FileSetVersion } from './file-set.ts'
import type { FileSetRef, FileSetService } from './service.ts'
import { type FileSetTables, listVersions, removeVersion } from './store.ts'
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

/** Which versions have names, and which stay. The bytes of those that go are removed by `millrace gc` later. */
export interface FileSetRetention {
  /** Moves the tag to the version. @throws `file_set.tag_invalid`, and as getVersion */
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

export function createFileSetRetention({
  db,
  clock,
  fileSets,
}: {
  db: Database
  clock: Clock
  fileSets: FileSetService
}): FileSetRetention {
  type Tables = FileSetTables & TagTables
  const tables = () => db.tables<Tables>()

  async function remove(ref: FileSetRef): Promise<FileSetVersion> {
    const version = await fileSets.getVersion(ref)
    await db.transaction<Tables, void>(async (trx) => {
      const tags = (await listTags(trx, ref.fileSet)).filter((tag) => tag.version === version.version)
      if (tags.length > 0) {
        throw fail('file_set.version_tagged', {
          name: ref.fileSet,
          version: version.version,
          tags: tags.map(({ tag }) => tag).join(', '),
        })
      }
      await removeVersion(trx, version)
    })
    return version
  }

  return {
    remove,
    async tag(ref, tag) {
      checkTag(tag)
      const { version } = await fileSets.getVersion(ref)
      const now = clock.now()
      await db.transaction<Tables, void>(async (trx) => {
        const [current] = await listTags(trx, ref.fileSet, tag)
        if (current?.version !== version) await moveTag(trx, { fileSet: ref.fileSet, tag, version }, now)
      })
      return { tag, version, movedAt: now }
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
      await fileSets.getVersion({ fileSet, version: 'latest' })
      const before = clock.now() - days * dayMs
      const tagged = new Set((await listTags(tables(), fileSet)).map(({ version }) => version))
      const removed: FileSetVersion[] = []
      for (let offset = last; ; offset += pageSize) {
        const page = await listVersions(tables(), fileSet, { offset, limit: pageSize })
        removed.push(...page.filter(({ version, addedAt }) => addedAt < before && !tagged.has(version)))
        if (page.length < pageSize) break
      }
      if (!dryRun) for (const { version } of removed) await remove({ fileSet, version })
      return removed
    },
  }
}
