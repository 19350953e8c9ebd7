import { createWriteStream } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type FileFormat, fail } from '@millrace/protocol'
import type { ObjectStore, StoredObject } from '../../../ports/object-store.ts'
import { digestFile } from '../part.ts'
import type { Source, SourceFile } from './source.ts'
import { isFileOf, isPattern, summaryOf } from './source-files.ts'

/** Downloads at once. */
const atOnce = 4
/** Objects of one source: beyond it a list would take long and the ingestion is likely a mistake. */
const mostObjects = 100_000

const uriPattern = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/

export const isObjectUri = (path: string) => /^s3:/i.test(path)

/**
 * Downloads objects: `s3://bucket/key`, a pattern, or a prefix that ends in `/` for all of the format under it.
 * @throws `dataset.source_unreadable`; what the object store throws
 */
export async function openObjects(
  dataset: string,
  { path, format }: { path: string; format: FileFormat },
  options: {
    openBucket(bucket: string): Promise<ObjectStore>
    scratch: string
    signal?: AbortSignal
  },
): Promise<Pick<Source, 'files' | 'bytes' | 'digest'>> {
  const { openBucket, scratch, signal } = options
  const unreadable = (reason: string) => fail('dataset.source_unreadable', { dataset, path, reason })
  const [, bucket, key = ''] = uriPattern.exec(path) ?? []
  if (bucket === undefined) throw unreadable('it should be s3://bucket/key')
  const store = await openBucket(bucket)
  const found = await findObjects(store, key, format, unreadable)
  if (found.length === 0) throw unreadable(`no object matches`)
  const empty = found.find(({ size }) => size === 0)
  if (empty) throw unreadable(`the object ${empty.key} is empty (0 bytes)`)
  const files: SourceFile[] = []
  for (let start = 0; start < found.length; start += atOnce) {
    signal?.throwIfAborted()
    const some = found.slice(start, start + atOnce)
    files.push(
      ...(await Promise.all(
        some.map(async (object, i): Promise<SourceFile> => {
          // The lake knows compression by the end of the name.
          const end = object.key.toLowerCase().endsWith('.gz') ? '.gz' : ''
          const local = join(scratch, `object-${start + i}${end}`)
          const body = await store.get(object.key, undefined, { version: object.version })
          await pipeline(body, createWriteStream(local, { flags: 'wx' }), { signal })
          const digest = await digestFile(local, signal)
          return { path: local, name: `s3://${bucket}/${object.key}`, bytes: object.size, digest }
        }),
      )),
    )
  }
  return summaryOf(files)
}

async function findObjects(
  store: ObjectStore,
  key: string,
  format: FileFormat,
  unreadable: (reason: string) => Error,
): Promise<StoredObject[]> {
  const isFolder = key === '' || key.endsWith('/')
  if (!isFolder && !isPattern(key)) {
    const object = await store.find(key)
    if (!object) throw unreadable('there is no such object; a prefix ends in /')
    return [object]
  }
  const prefix = isFolder ? key : key.slice(0, key.search(/[*?[{]/))
  const found: StoredObject[] = []
  let after: string | undefined
  do {
    const page = await store.list(prefix, { after })
    for (const object of page.objects) {
      const inside = object.key.slice(prefix.length)
      const isWanted = isFolder ? inside !== '' && isFileOf(format, inside) : matchesGlob(object.key, key)
      if (isWanted) found.push(object)
    }
    if (found.length > mostObjects) throw unreadable(`more than ${mostObjects} objects match`)
    after = page.next
  } while (after !== undefined)
  return found
}
