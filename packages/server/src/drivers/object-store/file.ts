import { link, lstat, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail } from '@millrace/protocol'
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts'
import { watchedBody } from './body.ts'
import { beside, isMissing, leadsOutside, systemCode, translateFileError } from './file-error.ts'
import { createFileFolders } from './file-folders.ts'
import { receive, removeAbandoned, versionOf } from './file-incoming.ts'
import { walkKeys } from './file-listing.ts'
import { openForReading, type Range, readChunks } from './file-reading.ts'
import { assertKey, assertPrefix, assertRange, pageLimit } from './keys.ts'

export interface FileObjectStoreOptions {
  /** The folder of the store; made by the first put. */
  root: string
}

/**
 * Objects as plain files under their keys, so the folder can be browsed and copied. An object arrives in a temporary
 * file of the same file system and is then renamed (or linked, for `ifAbsent`) to its name.
 */
export function createFileObjectStore(options: FileObjectStoreOptions): ObjectStore {
  const root = resolve(options.root)
  const folders = createFileFolders(root)
  let cleaned: Promise<void> | undefined

  async function find(key: string): Promise<StoredObject | undefined> {
    const path = await folders.find(key)
    if (path === undefined) return undefined
    try {
      const found = await lstat(path, { bigint: true })
      if (found.isSymbolicLink()) throw leadsOutside(key)
      if (!found.isFile()) return undefined
      return { key, size: Number(found.size), version: versionOf(found), modifiedAt: Number(found.mtimeMs) }
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  async function put(key: string, body: AsyncIterable<Uint8Array>, ifAbsent: boolean) {
    const path = await folders.make(key)
    if (ifAbsent && (await find(key))) throw fail('object.exists', { key })
    cleaned ??= removeAbandoned(root)
    await cleaned
    const received = await receive(root, body)
    try {
      await (ifAbsent ? link(received.path, path) : rename(received.path, path))
    } catch (error) {
      if (systemCode(error) === 'ENOTDIR') throw beside(key)
      if (systemCode(error) !== 'EEXIST') throw error
      throw (await lstat(path)).isDirectory() ? beside(key) : fail('object.exists', { key })
    } finally {
      await rm(received.path, { force: true })
    }
    return { key, size: received.size, version: received.version }
  }

  async function* read(
    { key, size }: StoredObject,
    range: Range = { start: 0, end: size },
    version?: string,
  ) {
    const path = await folders.find(key)
    if (path === undefined) throw fail('object.not_found', { key })
    const opened = await openForReading(path, Math.min(range.end, size) - range.start)
    try {
      if (version !== undefined && versionOf(await opened.file.stat({ bigint: true })) !== version) {
        throw fail('object.changed', { key })
      }
      yield* readChunks(opened, range)
    } finally {
      await opened.file.close()
    }
  }

  return {
    async put(key, body, { ifAbsent = false } = {}) {
      assertKey(key)
      const source = watchedBody(body)
      try {
        return await put(key, source.chunks, ifAbsent)
      } catch (error) {
        throw source.failed(error) ? error : translateFileError(error, key)
      }
    },
    async get(key, range, { version } = {}) {
      assertKey(key)
      if (range) assertRange(range)
      const found = await translated(key, () => find(key))
      if (!found) throw fail('object.not_found', { key })
      return translatedStream(key, read(found, range, version))
    },
    async find(key) {
      assertKey(key)
      return translated(key, () => find(key))
    },
    async list(prefix, { after = '', limit } = {}) {
      assertPrefix(prefix)
      const size = pageLimit(limit)
      return translated(prefix, async () => {
        const keys: string[] = []
        for await (const key of walkKeys(root, prefix, after)) if (keys.push(key) > size) break
        const page = keys.slice(0, size)
        const found = await Promise.all(page.map(find))
        const objects = found.filter((info) => info !== undefined)
        return keys.length > size ? { objects, next: page.at(-1) } : { objects }
      })
    },
    async delete(key) {
      assertKey(key)
      await translated(key, async () => {
        // Only objects are deleted: a folder of other keys is none.
        const path = (await find(key)) && (await folders.find(key))
        if (path) await rm(path, { force: true })
      })
    },
    localPath(key) {
      assertKey(key)
      return folders.findSync(key)
    },
  }
}

async function translated<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translateFileError(error, key)
  }
}

async function* translatedStream(key: string, chunks: AsyncIterable<Uint8Array>) {
  try {
    yield* chunks
  } catch (error) {
    throw translateFileError(error, key)
  }
}
