import { compareFilePaths, fail } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { type Page, type PageInput, readPage } from '../../kernel/paging.ts'
import type { Database } from '../../ports/database.ts'
import type { BlobStore } from './blobs/blob-store.ts'
import { compareFiles, type FileSetDiff } from './diff.ts'
import {
  checkFileSetName,
  type FileEntry,
  type FileSetSummary,
  type FileSetVersion,
  fileSetVersionId,
} from './file-set.ts'
import { pageBytes, pagesOf, parsePage } from './manifest.ts'
import { type FileSetRef, pagesOfVersion, resolveVersion } from './resolve.ts'
import { addVersion, type FileSetTables, listFileSets, listVersions, type ManifestPage } from './store.ts'
import type { TagTables } from './tags.ts'

export interface FilePageInput {
  limit?: number
  /** `nextPageToken` of the previous answer. */
  pageToken?: string
}

export interface FileSetService {
  /**
   * Makes the files a version, and that the latest one. Their bytes have to be here already.
   * @param entries in the order of `compareFilePaths`, any number of them at a time
   * @throws `file_set.name_invalid`, `file_set.path_invalid`, `file_set.manifest_invalid`, `file_set.bytes_missing`
   */
  add(
    input: { fileSet: string; message?: string },
    entries: AsyncIterable<readonly FileEntry[]>,
  ): Promise<FileSetVersion>
  /** By name. */
  list(page?: PageInput): Promise<Page<FileSetSummary>>
  /** @throws `file_set.not_found`, `file_set.version_not_found` */
  getVersion(ref: FileSetRef): Promise<FileSetVersion>
  /** Latest first. @throws `file_set.not_found` */
  listVersions(fileSet: string, page?: PageInput): Promise<Page<FileSetVersion>>
  /** By path. */
  listFiles(ref: FileSetRef, page?: FilePageInput): Promise<Page<FileEntry>>
  /** All files by path, after `after`. */
  files(version: FileSetVersion, after?: string): AsyncIterable<FileEntry>
  /** @throws `file_set.path_invalid` if the version has no such file */
  getFile(ref: FileSetRef, path: string): Promise<FileEntry>
  /** What differs between two versions; reads only the pages of the manifests that are not the same. */
  diff(input: { fileSet: string; from: string; to: string }, page?: FilePageInput): Promise<FileSetDiff>
}

/** Digests that are in one message at most. */
const listed = 100
/** Pages of a manifest that wait to be written together. */
const pagesAtOnce = 32

export function createFileSetService({
  db,
  clock,
  blobs,
}: {
  db: Database
  clock: Clock
  blobs: BlobStore
}): FileSetService {
  const tables = () => db.tables<FileSetTables & TagTables>()

  /** Their bytes must be here, and with the size that is said: the manifest is what everybody believes later. */
  async function checkBytes(fileSet: string, entries: readonly FileEntry[]): Promise<void> {
    const found = await blobs.use(entries.map(({ digest }) => digest))
    const missing = entries.filter(({ digest }) => !found.has(digest))
    if (missing.length > 0) {
      const digests = missing.slice(0, listed).map(({ digest }) => digest)
      throw fail('file_set.bytes_missing', {
        name: fileSet,
        count: missing.length,
        path: missing[0].path,
        digests,
      })
    }
    const wrong = entries.find(({ digest, size }) => found.get(digest)?.size !== size)
    if (wrong) {
      const reason = `"${wrong.path}" has ${found.get(wrong.digest)?.size} bytes, not ${wrong.size}`
      throw fail('file_set.manifest_invalid', { name: fileSet, reason })
    }
  }

  const getVersion = (ref: FileSetRef) => resolveVersion(tables(), ref)

  async function* entriesOf(pages: readonly Pick<ManifestPage, 'page'>[]): AsyncGenerator<FileEntry> {
    for (const { page } of pages) yield* parsePage(await blobs.read(page))
  }

  async function* files(version: FileSetVersion, after?: string): AsyncGenerator<FileEntry> {
    const pages = await pagesOfVersion(tables(), version)
    const isAfter = (path: string) => after === undefined || compareFilePaths(path, after) > 0
    const next = pages.findIndex(({ firstPath }) => isAfter(firstPath))
    const first = Math.max(0, (next === -1 ? pages.length : next) - 1)
    for await (const entry of entriesOf(pages.slice(first))) if (isAfter(entry.path)) yield entry
  }

  return {
    async add({ fileSet, message }, entries) {
      checkFileSetName(fileSet)
      const pages: ManifestPage[] = []
      const total = { files: 0, bytes: 0 }
      let unwritten: FileEntry[][] = []
      const write = async () => {
        const digests = await blobs.put(unwritten.map(pageBytes))
        pages.push(...unwritten.map(([{ path }], i) => ({ page: digests[i], firstPath: path })))
        unwritten = []
      }
      for await (const page of pagesOf(fileSet, entries)) {
        await checkBytes(fileSet, page)
        unwritten.push(page)
        if (unwritten.length === pagesAtOnce) await write()
        total.files += page.length
        total.bytes += page.reduce((sum, { size }) => sum + size, 0)
      }
      if (unwritten.length > 0) await write()
      if (pages.length === 0) {
        throw fail('file_set.manifest_invalid', { name: fileSet, reason: 'it has no files' })
      }
      const version = fileSetVersionId(pages.map(({ page }) => page))
      return addVersion(db, { fileSet, version, ...total, message, pages }, clock.now())
    },
    list: (page) => readPage(page, (range) => listFileSets(tables(), range)),
    getVersion,
    async listVersions(fileSet, page) {
      await getVersion({ fileSet, version: 'latest' })
      return readPage(page, (range) => listVersions(tables(), fileSet, range))
    },
    async listFiles(ref, page) {
      return takePage(files(await getVersion(ref), page?.pageToken), page?.limit)
    },
    files,
    async getFile(ref, path) {
      const version = await getVersion(ref)
      const pages = await pagesOfVersion(tables(), version)
      const page = pages.findLast(({ firstPath }) => compareFilePaths(firstPath, path) <= 0)
      for await (const entry of entriesOf(page ? [page] : [])) if (entry.path === path) return entry
      const reason = `version ${version.version} of "${ref.fileSet}" has no such file`
      throw fail('file_set.path_invalid', { path: JSON.stringify(path.slice(0, 200)), reason })
    },
    async diff({ fileSet, from, to }, { limit = 1000, pageToken } = {}) {
      const versions = await Promise.all([from, to].map((version) => getVersion({ fileSet, version })))
      const [before, after] = await Promise.all(versions.map((version) => pagesOfVersion(tables(), version)))
      // A page that both have is the same files: a path is in one page only.
      const only = (these: readonly ManifestPage[], those: readonly ManifestPage[]) => {
        const known = new Set(those.map(({ page }) => page))
        return entriesOf(these.filter(({ page }) => !known.has(page)))
      }
      const diff: FileSetDiff = {
        fileSet,
        from: versions[0].version,
        to: versions[1].version,
        added: { files: 0, bytes: 0 },
        removed: { files: 0, bytes: 0 },
        changed: { files: 0 },
        items: [],
      }
      for await (const item of compareFiles(only(before, after), only(after, before))) {
        diff[item.change].files++
        if (item.change === 'added') diff.added.bytes += item.to?.size ?? 0
        if (item.change === 'removed') diff.removed.bytes += item.from?.size ?? 0
        if (pageToken !== undefined && compareFilePaths(item.path, pageToken) <= 0) continue
        if (diff.items.length < limit) diff.items.push(item)
        else diff.nextPageToken ??= diff.items.at(-1)?.path
      }
      return diff
    },
  }
}

async function takePage(entries: AsyncIterable<FileEntry>, limit = 1000): Promise<Page<FileEntry>> {
  const items: FileEntry[] = []
  for await (const entry of entries) {
    if (items.length === limit) return { items, nextPageToken: items.at(-1)?.path }
    items.push(entry)
  }
  return { items }
}
