import { createHash } from 'node:crypto'
import { compareFilePaths, fail } from '@millrace/protocol'
import type { Clock } from '../../../kernel/clock.ts'
import type { Database } from '../../../ports/database.ts'
import type { BlobStore } from '../blobs/blob-store.ts'
import { checkFileSetName, type FileEntry, type FileSetVersion } from '../file-set.ts'
import type { FileSetRef } from '../resolve.ts'
import type { FileSetService } from '../service.ts'
import { type DvcEntry, directoryBytes, parseDirectory } from './directory.ts'
import { addObjects, type DvcObject, type DvcTables, findObjects } from './store.ts'

/** An output of DVC, as a `.dvc` file names it. */
export interface DvcOutput {
  /** MD5; of a folder that of its directory object, with `.dir`. */
  md5: string
  /** Bytes of all files. */
  size: number
  /** Absent of a single file. */
  nfiles?: number
}

/**
 * What DVC clients keep here. A project is a remote of DVC: objects under the MD5 of their bytes, which stay as long as
 * they are in a project. The bytes are blobs, shared with file sets and other projects.
 */
export interface DvcService {
  /** @throws `dvc.object_invalid`, `blob.mismatch` where the bytes are not those of the name */
  put(project: string, object: string, body: AsyncIterable<Uint8Array>): Promise<void>
  /** @throws `dvc.object_not_found` */
  get(project: string, object: string): Promise<DvcObject>
  /**
   * Puts a version of a file set into a project, so that `dvc pull` finds it there.
   * @throws `dvc.object_invalid` if it has more files than a directory object can list
   */
  exportVersion(project: string, ref: FileSetRef): Promise<DvcOutput & { version: string }>
  /**
   * Makes what was pushed to a project a version of a file set: a folder, or one file, which is called `path`.
   * @throws `dvc.object_not_found` if it, or a file of the folder, was not pushed
   */
  importObject(
    project: string,
    input: { object: string; path: string; fileSet: string; message?: string },
  ): Promise<FileSetVersion>
}

const objectPattern = /^[0-9a-f]{32}(\.dir)?$/
const batchFiles = 5000

export function createDvcService({
  db,
  clock,
  blobs,
  fileSets,
  longestDirectory = 64 * 1024 * 1024,
}: {
  db: Database
  clock: Clock
  blobs: BlobStore
  fileSets: FileSetService
  /** Most bytes of the list of a folder, which lies in memory while it is read or made: some 600,000 files. */
  longestDirectory?: number
}): DvcService {
  const tables = () => db.tables<DvcTables>()

  async function get(project: string, object: string): Promise<DvcObject> {
    const found = (await findObjects(tables(), project, [object])).get(object)
    if (!found) throw fail('dvc.object_not_found', { project, object })
    return found
  }

  /** The files that the entries are, by path. */
  async function filesOf(project: string, entries: readonly DvcEntry[]): Promise<FileEntry[]> {
    const found = await findObjects(tables(), project, [...new Set(entries.map(({ md5 }) => md5))])
    return entries
      .map(({ md5, relpath }) => {
        const file = found.get(md5)
        if (!file) throw fail('dvc.object_not_found', { project, object: `${md5} ("${relpath}")` })
        return { path: relpath, digest: file.digest, size: file.size }
      })
      .sort((a, b) => compareFilePaths(a.path, b.path))
  }

  /** Puts the files of a version into the project, and gives what its directory object says of them. */
  async function* exported(project: string, version: FileSetVersion): AsyncGenerator<DvcEntry[]> {
    for await (const files of batchesOf(fileSets.files(version))) {
      const digests = files.map(({ digest }) => digest)
      await blobs.use(digests)
      const md5s = await blobs.md5s(digests)
      const entries: DvcEntry[] = []
      const objects: { object: string; digest: string }[] = []
      for (const { path, digest } of files) {
        const md5 = md5s.get(digest)
        if (md5 === undefined) throw fail('blob.not_found', { digest })
        entries.push({ md5, relpath: path })
        objects.push({ object: md5, digest })
      }
      await addObjects(db, project, objects, clock.now())
      yield entries
    }
  }

  return {
    async put(project, object, body) {
      checkFileSetName(project)
      if (!objectPattern.test(object)) {
        throw fail('dvc.object_invalid', { object, reason: 'its name is no MD5 in lower-case hex' })
      }
      const { digest } = await blobs.putStream(body, { md5: object.slice(0, 32) })
      await addObjects(db, project, [{ object, digest }], clock.now())
    },
    get,
    async exportVersion(project, ref) {
      checkFileSetName(project)
      const version = await fileSets.getVersion(ref)
      const chunks: Buffer[] = []
      const whole = createHash('md5')
      let size = 0
      for await (const chunk of directoryBytes(exported(project, version))) {
        size += chunk.byteLength
        if (size > longestDirectory) {
          const reason = `its list of files would have more than ${longestDirectory} bytes; export parts of it`
          throw fail('dvc.object_invalid', { object: `${ref.fileSet}@${version.version}`, reason })
        }
        chunks.push(chunk)
        whole.update(chunk)
      }
      // The directory comes last: who finds it finds all its files.
      const md5 = whole.digest('hex')
      const { digest } = await blobs.putStream(each(chunks), { md5 })
      const object = `${md5}.dir`
      await addObjects(db, project, [{ object, digest }], clock.now())
      return { md5: object, size: version.bytes, nfiles: version.files, version: version.version }
    },
    async importObject(project, { object, path, fileSet, message }) {
      const { digest, size } = await get(project, object)
      const isDirectory = object.endsWith('.dir')
      if (isDirectory && size > longestDirectory) {
        const reason = `its list of files has ${size} bytes, and ${longestDirectory} at most can be read`
        throw fail('dvc.object_invalid', { object, reason })
      }
      const entries = isDirectory
        ? parseDirectory(object, await blobs.read(digest))
        : [{ md5: object, relpath: path }]
      const files = await filesOf(project, entries)
      return fileSets.add({ fileSet, message }, each([files]))
    },
  }
}

async function* batchesOf(files: AsyncIterable<FileEntry>): AsyncGenerator<FileEntry[]> {
  let batch: FileEntry[] = []
  for await (const file of files) {
    batch.push(file)
    if (batch.length < batchFiles) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function* each<Item>(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items
}
