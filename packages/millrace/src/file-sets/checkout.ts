import { hash } from 'node:crypto'
import { createWriteStream, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client, FileEntry } from '@millrace/client'
import { fail } from '@millrace/protocol/errors'
import { checkFilePath } from '@millrace/protocol/file-path'
import { checkArrivals, createArrivals } from './arrivals.ts'
import { isInTheWay, placeNew } from './place-file.ts'
import { digestOf } from './read-folder.ts'
import { scanFolder } from './scan-folder.ts'

const batchFiles = 4000
const batchBytes = 16 * 1024 * 1024
const smallBytes = 1024 * 1024

export interface CheckoutResult {
  /** Files written, and their bytes. */
  written: number
  bytes: number
  /** Files that were there already as they are in the version. */
  same: number
  /** Files that the version does not have; removed where that was asked for. */
  others: string[]
}

export interface CheckoutInput {
  fileSet: string
  version: string
  folder: string
  /** Replaces files that differ. */
  force?: boolean
  /** Removes files that the version does not have. */
  remove?: boolean
}

/**
 * Makes the files of a folder those of a version. Each file is there whole or not at all.
 * @throws `file_set.checkout_refused` before anything is changed, if files differ and are not to be replaced; in the
 *   middle if one was made meanwhile, which stays
 */
export async function checkout(
  client: Pick<Client, 'blobs' | 'fileSets'>,
  { fileSet, version, folder, force = false, remove = false }: CheckoutInput,
  onProgress?: (written: number) => void,
): Promise<CheckoutResult> {
  makeFolder(folder)
  checkArrivals(folder)
  const others = new Set(scanFolder(folder))
  const wanted: FileEntry[] = []
  const differing = new Set<string>()
  let same = 0
  for await (const entry of filesOf(client, fileSet, version)) {
    checkFilePath(entry.path)
    if (!others.delete(entry.path)) {
      wanted.push(entry)
    } else if (await isSame(join(folder, entry.path), entry)) {
      same++
    } else {
      differing.add(entry.path)
      wanted.push(entry)
    }
  }
  const blocking = blockersOf(folder, { wanted, differing, others })
  refuseLoss(folder, { differing: force ? [] : [...differing], blocking })
  const arrivals = createArrivals(folder)
  try {
    let bytes = 0
    const made = new Set<string>()
    for await (const files of fetched(client, wanted, arrivals.path)) {
      for (const { path, size, arrived } of files) {
        try {
          makeParent(folder, path, made)
          const target = join(folder, path)
          if (differing.has(path)) renameSync(arrived, target)
          else placeNew(arrived, target)
        } catch (error) {
          throw isInTheWay(error) ? blocked(folder, [path], error) : error
        }
        bytes += size
      }
      onProgress?.(files.length)
    }
    if (remove) for (const path of others) rmSync(join(folder, path), { force: true })
    return { written: wanted.length, bytes, same, others: [...others] }
  } finally {
    arrivals.remove()
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw isInTheWay(error) ? blocked(dirname(folder), [basename(folder)], error) : error
  }
}

function makeParent(folder: string, path: string, made: Set<string>): void {
  const parent = dirname(path)
  if (made.has(parent)) return
  mkdirSync(join(folder, parent), { recursive: true })
  made.add(parent)
}

async function* filesOf({ fileSets }: Pick<Client, 'fileSets'>, fileSet: string, version: string) {
  let pageToken: string | undefined
  do {
    const page = await fileSets.files(fileSet, version, { limit: 10_000, ...(pageToken && { pageToken }) })
    yield* page.items
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
}

async function isSame(path: string, { digest, size }: FileEntry): Promise<boolean> {
  return lstatSync(path).size === size && (await digestOf(path)).digest === digest
}

/** What is in the way: a file where the version has a folder, or the other way round, or a name in other letters. */
function blockersOf(
  folder: string,
  found: { wanted: readonly FileEntry[]; differing: ReadonlySet<string>; others: ReadonlySet<string> },
): string[] {
  const blocking = new Set<string>()
  for (const { path } of found.wanted) {
    const parent = foldersOf(path).find((above) => found.others.has(above))
    if (parent !== undefined) blocking.add(parent)
    // Also an empty folder, and a file whose name differs by case only where the file system takes both for the same.
    else if (!found.differing.has(path) && isThere(join(folder, path))) blocking.add(path)
  }
  return [...blocking]
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, depth) => parts.slice(0, depth + 1).join('/'))
}

function refuseLoss(
  folder: string,
  found: { differing: readonly string[]; blocking: readonly string[] },
): void {
  if (found.blocking.length > 0) throw blocked(folder, found.blocking)
  if (found.differing.length === 0) return
  const advice = 'Add them to a file set first, or use --force.'
  throw refused(folder, found.differing, { reason: 'differs from the version', advice })
}

function blocked(folder: string, paths: readonly string[], cause?: unknown) {
  const reason = 'stands where a folder or a file has to be'
  return refused(folder, paths, { reason, advice: 'Move it away first.' }, cause)
}

function refused(
  folder: string,
  paths: readonly string[],
  why: { reason: string; advice: string },
  cause?: unknown,
) {
  return fail('file_set.checkout_refused', { count: paths.length, folder, path: paths[0], ...why }, cause)
}

type Arrived = FileEntry & { arrived: string }

/** Brings the bytes of files into the folder, checked: small ones many at a time. */
async function* fetched(
  client: Pick<Client, 'blobs'>,
  wanted: readonly FileEntry[],
  incoming: string,
): AsyncGenerator<Arrived[]> {
  let number = 0
  const arrivedOf = (entry: FileEntry): Arrived => ({ ...entry, arrived: join(incoming, String(number++)) })
  for (const batch of batchesOf(wanted.filter(({ size }) => size <= smallBytes))) {
    const files = batch.map(arrivedOf)
    const response = await client.blobs.openMany(files.map(({ digest }) => digest))
    const bytes = Buffer.from(await response.arrayBuffer())
    let at = 0
    for (const { digest, size, arrived } of files) {
      const part = bytes.subarray(at, at + size)
      at += size
      const found = hash('sha256', part)
      if (found !== digest) throw fail('blob.mismatch', { expected: digest, found })
      writeFileSync(arrived, part)
    }
    yield files
  }
  for (const entry of wanted) {
    if (entry.size <= smallBytes) continue
    const file = arrivedOf(entry)
    const response = await client.blobs.open(file.digest)
    await pipeline(Readable.from(response.body ?? []), createWriteStream(file.arrived))
    const { digest: found } = await digestOf(file.arrived)
    if (found !== file.digest) throw fail('blob.mismatch', { expected: file.digest, found })
    yield [file]
  }
}

function* batchesOf(files: readonly FileEntry[]): Generator<FileEntry[]> {
  let batch: FileEntry[] = []
  let bytes = 0
  for (const file of files) {
    if (batch.length === batchFiles || (batch.length > 0 && bytes + file.size > batchBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(file)
    bytes += file.size
  }
  if (batch.length > 0) yield batch
}
