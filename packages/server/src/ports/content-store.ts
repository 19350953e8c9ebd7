import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fail, isPlatformError } from '@millrace/protocol'
import { sha256 } from '../kernel/hash.ts'
import type { ObjectStore } from './object-store.ts'

/**
 * Immutable bytes under the SHA-256 of their content (lower-case hex): equal content is kept once, and what comes
 * back is what was put or an error.
 *
 * Guarantees
 * - Putting content that is there already is no error and writes nothing.
 * - `getBytes` and downloads of `openLocal` verify the digest: damage is `content.corrupt`, never wrong bytes.
 * - Content that is not there, or a text that is no digest, is `content.not_found`.
 */
export interface ContentStore {
  putBytes(bytes: Uint8Array): Promise<ContentInfo>
  /** Streams the file; it must not change meanwhile (`storage.conflict` if it does). */
  putFile(path: string): Promise<ContentInfo>
  /** The whole content in memory: for manifests and models, not for data sets. */
  getBytes(digest: string): Promise<Uint8Array>
  /**
   * A local file with the content, to be read and never written: the store's own file where the store is local,
   * else a verified copy in the cache folder.
   */
  openLocal(digest: string): Promise<string>
  has(digest: string): Promise<boolean>
}

interface ContentInfo {
  digest: string
  /** Bytes. */
  size: number
}

/** Keeps content that is about to be named by a record from being removed as garbage. */
export interface ContentUses {
  /**
   * Content of this digest is there for `contentGraceMs` from now, if it is there once this has resolved; it waits while
   * that content is being removed.
   */
  use(digest: string): Promise<void>
}

/** How far the removal of a content has come. */
export const removalStates = {
  none: 0,
  /** It is to be deleted, unless its collection ends before. */
  chosen: 1,
  /** Its object may go at any moment, even if the collector has lost its lock. */
  deleting: 2,
} as const

/** How long content stays that nothing names. */
export const contentGraceMs = 24 * 60 * 60 * 1000

/** What all keys of content begin with. */
export const contentPrefix = 'content/'

/** A domain that keeps digests in its records. What none of them names is removed. */
export interface ContentNames {
  /** Contents that may name others by their digests, as manifests do, and are looked through for them. */
  documents?(): AsyncIterable<readonly string[]>
  /** Contents that name no others, such as rows: these are not read. */
  leaves?(): AsyncIterable<readonly string[]>
}

/** The digests in a text, with repetitions. */
export function digestsIn(text: string): string[] {
  return text.match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? []
}

/** Content addressing over an object store, under the keys `content/<2 hex>/<62 hex>`. */
export function createContentStore(
  objects: ObjectStore,
  { cacheDir, uses }: { cacheDir: string; uses?: ContentUses },
): ContentStore {
  const downloads = new Map<string, Promise<string>>()

  async function putOnce(digest: string, size: number, body: Uint8Array | AsyncIterable<Uint8Array>) {
    const key = contentKey(digest)
    await uses?.use(digest)
    if (await objects.find(key)) return { digest, size }
    try {
      await objects.put(key, body, { ifAbsent: true })
    } catch (error) {
      // Someone else put the same content in between, which is as good.
      if (!isPlatformError(error) || error.code !== 'object.exists') throw error
    }
    return { digest, size }
  }

  async function download(digest: string, path: string): Promise<string> {
    const chunks = await contentOf(objects, digest)
    await mkdir(dirname(path), { recursive: true })
    const incoming = `${path}.${randomUUID()}`
    try {
      const verify = (source: AsyncIterable<Uint8Array>) =>
        verified(source, digest, (found) => fail('content.corrupt', { digest, found }))
      await pipeline(chunks, verify, createWriteStream(incoming, { flags: 'wx' }))
      await rename(incoming, path)
    } finally {
      await rm(incoming, { force: true })
    }
    return path
  }

  return {
    putBytes: (bytes) => putOnce(sha256(bytes), bytes.byteLength, bytes),
    async putFile(path) {
      const { digest, size } = await digestOf(readFile(path))
      const changed = () => fail('storage.conflict', { what: `The file ${path}` })
      return putOnce(digest, size, verified(readFile(path), digest, changed))
    },
    async getBytes(digest) {
      const bytes = await collect(await contentOf(objects, digest))
      const found = sha256(bytes)
      if (found !== digest) throw fail('content.corrupt', { digest, found })
      return bytes
    },
    async openLocal(digest) {
      const key = contentKey(digest)
      if (objects.localPath) {
        if (!(await objects.find(key))) throw fail('content.not_found', { digest })
        return objects.localPath(key)
      }
      const path = join(cacheDir, key)
      if (await exists(path)) return path
      const running = downloads.get(digest) ?? download(digest, path).finally(() => downloads.delete(digest))
      downloads.set(digest, running)
      return running
    },
    has: async (digest) =>
      digestPattern.test(digest) && (await objects.find(contentKey(digest))) !== undefined,
  }
}

const digestPattern = /^[0-9a-f]{64}$/

/** The key of content in the object store. @throws `content.not_found` for a text that is no digest */
export function contentKey(digest: string): string {
  if (!digestPattern.test(digest)) throw fail('content.not_found', { digest })
  return `${contentPrefix}${digest.slice(0, 2)}/${digest.slice(2)}`
}

async function contentOf(objects: ObjectStore, digest: string): Promise<AsyncIterable<Uint8Array>> {
  const key = contentKey(digest)
  try {
    return await objects.get(key)
  } catch (error) {
    if (isPlatformError(error) && error.code === 'object.not_found') {
      throw fail('content.not_found', { digest }, error)
    }
    throw error
  }
}

/** Opens the file when the first bytes are asked for: a body that is not needed leaves nothing open. */
async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path)
}

/** Passes the bytes on and throws at their end if they are not the expected ones. */
async function* verified(
  chunks: AsyncIterable<Uint8Array>,
  digest: string,
  mismatch: (found: string) => Error,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const found = hash.digest('hex')
  if (found !== digest) throw mismatch(found)
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<ContentInfo> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of chunks) {
    hash.update(chunk)
    size += chunk.byteLength
  }
  return { digest: hash.digest('hex'), size }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
