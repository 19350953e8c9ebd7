import { Readable } from 'node:stream'
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { fail, isPlatformError } from '@millrace/protocol'
import type { ArtifactRoot, RootEntry } from '../../ports/artifact-root.ts'

const mostEntries = 1000

export interface S3RootOptions {
  bucket: string
  /** No slash at its ends; `''` = the whole bucket. */
  prefix: string
  region: string
  endpoint?: string
  forcePathStyle?: boolean
  accessKeyId: string
  secretAccessKey: string
}

/** A part of a bucket that clients write their artifacts to. */
export function createS3ArtifactRoot(options: S3RootOptions): ArtifactRoot {
  const { bucket: Bucket, prefix, accessKeyId, secretAccessKey, ...connection } = options
  const client = new S3Client({
    ...connection,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const base = prefix && `${prefix}/`
  const address = (path: string) => ({ Bucket, Key: base + path })

  return {
    uri: `s3://${Bucket}${prefix && `/${prefix}`}`,
    find: (path) =>
      translated(path, async () => {
        try {
          const { ContentLength = 0, LastModified } = await client.send(new HeadObjectCommand(address(path)))
          return { path, size: ContentLength, modifiedAt: LastModified?.getTime() ?? 0 }
        } catch (error) {
          if (statusOf(error) === 404) return undefined
          throw error
        }
      }),
    get: (path, range) =>
      translated(path, async () => {
        if (range && range.start === range.end) return Readable.from([])
        const Range = range && `bytes=${range.start}-${range.end - 1}`
        const { Body } = await client.send(new GetObjectCommand({ ...address(path), Range }))
        return Body instanceof Readable ? Body : Readable.from([])
      }),
    list: (folder, { after, limit = mostEntries } = {}) =>
      translated(folder, async () => {
        const inside = base + (folder && `${folder}/`)
        const page = await client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: inside,
            Delimiter: '/',
            ContinuationToken: after,
            MaxKeys: Math.min(limit, mostEntries),
          }),
        )
        const folders = (page.CommonPrefixes ?? []).map(
          ({ Prefix = '' }): RootEntry => ({
            kind: 'folder',
            path: Prefix.slice(base.length, -1),
          }),
        )
        const files = (page.Contents ?? [])
          // Some tools mark a folder by an empty object of its name.
          .filter(({ Key }) => Key !== inside)
          .map(
            ({ Key = '', Size = 0, LastModified }): RootEntry => ({
              kind: 'file',
              path: Key.slice(base.length),
              size: Size,
              modifiedAt: LastModified?.getTime() ?? 0,
            }),
          )
        const items = [...folders, ...files].sort((a, b) => (a.path < b.path ? -1 : 1))
        return page.IsTruncated ? { items, next: page.NextContinuationToken } : { items }
      }),
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
}

async function translated<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (isPlatformError(error)) throw error
    if (statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket') {
      throw fail('artifact.not_found', { path }, error)
    }
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    throw fail('storage.unavailable', { reason: `artifact "${path}": ${reason}` }, error)
  }
}
