import { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { fail } from '@millrace/protocol'
import type { ObjectStore, StoredObject } from '../../ports/object-store.ts'
import { watchedBody } from './body.ts'
import { assertKey, assertPrefix, assertRange, pageLimit } from './keys.ts'
import { statusOf, translateS3Error } from './s3-error.ts'

export interface S3Options {
  bucket: string
  /** Begins every key of the store inside the bucket; no slash at its ends. */
  prefix?: string
  region: string
  /** For S3-compatible servers; absent = AWS. */
  endpoint?: string
  /** The bucket in the path instead of the host name; most compatible servers need it. */
  forcePathStyle?: boolean
  accessKeyId: string
  secretAccessKey: string
}

/**
 * Objects in a bucket of S3 or a compatible server that knows conditional writes (`If-None-Match: *`). Streams are
 * uploaded in parts as they come. A stream from `get` holds a connection until it is read or left.
 */
export function createS3Store(options: S3Options): ObjectStore {
  const { bucket: Bucket, prefix = '', accessKeyId, secretAccessKey, ...connection } = options
  const client = new S3Client({
    ...connection,
    credentials: { accessKeyId, secretAccessKey },
    // Not every compatible server takes the newer checksum headers; content is verified by its digest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const base = prefix && `${prefix}/`
  const address = (key: string) => ({ Bucket, Key: base + key })

  async function find(key: string): Promise<StoredObject | undefined> {
    try {
      const head = await client.send(new HeadObjectCommand(address(key)))
      return stored(key, head.ContentLength, head)
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async function get(
    key: string,
    range?: { start: number; end: number },
    IfMatch?: string,
  ): Promise<AsyncIterable<Uint8Array>> {
    if (range && range.start === range.end) {
      const found = await find(key)
      if (!found) throw fail('object.not_found', { key })
      if (IfMatch !== undefined && found.version !== IfMatch) throw fail('object.changed', { key })
      return Readable.from([])
    }
    const Range = range && `bytes=${range.start}-${range.end - 1}`
    try {
      const { Body } = await client.send(new GetObjectCommand({ ...address(key), Range, IfMatch }))
      return Body instanceof Readable ? Body : Readable.from([])
    } catch (error) {
      // The range begins beyond the end.
      if (statusOf(error) === 416) return Readable.from([])
      if (statusOf(error) === 412) throw fail('object.changed', { key }, error)
      throw error
    }
  }

  return {
    async put(key, body, { ifAbsent = false } = {}) {
      assertKey(key)
      const source = watchedBody(body)
      const params = { ...address(key), IfNoneMatch: ifAbsent ? '*' : undefined }
      try {
        if (body instanceof Uint8Array) {
          const { ETag = '' } = await client.send(new PutObjectCommand({ ...params, Body: body }))
          return { key, size: body.byteLength, version: ETag }
        }
        const upload = new Upload({
          client,
          params: { ...params, Body: Readable.from(copies(source.chunks)) },
        })
        const { ETag = '' } = await upload.done()
        return { key, size: source.size(), version: ETag }
      } catch (error) {
        throw source.failed(error) ? error : translateS3Error(error, key)
      }
    },
    async get(key, range, { version } = {}) {
      assertKey(key)
      if (range) assertRange(range)
      const chunks = await translated(key, () => get(key, range, version))
      return translatedStream(key, chunks)
    },
    async find(key) {
      assertKey(key)
      return translated(key, () => find(key))
    },
    async list(listed, { after, limit } = {}) {
      assertPrefix(listed)
      const page = new ListObjectsV2Command({
        Bucket,
        Prefix: base + listed,
        StartAfter: after === undefined ? undefined : base + after,
        MaxKeys: pageLimit(limit),
      })
      const { Contents = [], IsTruncated } = await translated(listed, () => client.send(page))
      const objects = Contents.map((found) => stored((found.Key ?? '').slice(base.length), found.Size, found))
      return IsTruncated ? { objects, next: objects.at(-1)?.key } : { objects }
    },
    async delete(key) {
      assertKey(key)
      await translated(key, () => client.send(new DeleteObjectCommand(address(key))))
    },
  }
}

/** A part of an upload gathers chunks whose memory is used again for the next ones. */
async function* copies(chunks: AsyncIterable<Uint8Array>) {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

/** The tag of an object, which is a digest of its bytes (or of its parts), is its version. */
function stored(key: string, size = 0, { ETag = '', LastModified = new Date(0) }: S3Facts): StoredObject {
  return { key, size, version: ETag, modifiedAt: LastModified.getTime() }
}

interface S3Facts {
  ETag?: string
  LastModified?: Date
}

async function translated<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    throw translateS3Error(error, key)
  }
}

async function* translatedStream(key: string, chunks: AsyncIterable<Uint8Array>) {
  try {
    yield* chunks
  } catch (error) {
    throw translateS3Error(error, key)
  }
}
