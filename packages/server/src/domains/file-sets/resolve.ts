import { fail } from '@millrace/protocol'
import type { Kysely } from 'kysely'
import { checkFileSetName, type FileSetVersion } from './file-set.ts'
import {
  type FileSetTables,
  findVersions,
  listManifestPages,
  listVersions,
  type ManifestPage,
} from './store.ts'
import { listTags, type TagTables } from './tags.ts'

/** A file set and one of its versions: its id, the beginning of it (4 digits at least), a tag, or `latest`. */
export interface FileSetRef {
  fileSet: string
  version: string
}

/** @throws `file_set.not_found`, `file_set.version_not_found`, `file_set.name_invalid` */
export async function resolveVersion(
  db: Kysely<FileSetTables & TagTables>,
  { fileSet, version }: FileSetRef,
): Promise<FileSetVersion> {
  checkFileSetName(fileSet)
  if (version === 'latest') {
    const [latest] = await listVersions(db, fileSet, { offset: 0, limit: 1 })
    if (!latest) throw fail('file_set.not_found', { name: fileSet })
    return latest
  }
  const [tag] = await listTags(db, fileSet, version)
  const id = tag?.version ?? version
  const found = /^[0-9a-f]{4,16}$/.test(id) ? await findVersions(db, fileSet, id) : []
  if (found.length === 1) return found[0]
  await resolveVersion(db, { fileSet, version: 'latest' })
  throw fail('file_set.version_not_found', { name: fileSet, version })
}

/**
 * The pages of the manifest of a version that was resolved a moment ago.
 * @throws `file_set.version_not_found` if it has been removed since: no version is without files
 */
export async function pagesOfVersion(
  db: Kysely<FileSetTables>,
  { fileSet, version }: FileSetRef,
): Promise<ManifestPage[]> {
  const pages = await listManifestPages(db, { fileSet, version })
  if (pages.length === 0) throw fail('file_set.version_not_found', { name: fileSet, version })
  return pages
}
