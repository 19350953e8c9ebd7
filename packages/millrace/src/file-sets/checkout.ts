import { hash } from 'node:crypto'
import { createWriteStream, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client, FileEntry } from '@millrace/client'
import { checkFilePath, fail, incomingFolder } from '@millrace/protocol'
import { digestOf } from './read-folder.ts'
import { scanFolder } from './scan-folder.ts'

const batchFiles = 4000
const batchBytes = 16 * 1024 * 1024
const smallBytes = 1024 * 1024
/** Files arrive in it and are renamed to their places; one that a crash left is emptied by the next checkout. */

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
 * @throws `file_set.checkout_refused` before anything is changed, if files differ and are not to be replaced
 */
export async function checkout(
  client: Pick<Client, 'blobs' | 'fileSets'>,
  { fileSet, version, folder, force = false, remove = false }: CheckoutInput,
  onProgress?: (written: number) => void,
): Promise<CheckoutResult> {
  const incoming = join(folder, incomingFolder)
  mkdirSync(folder, { recursive: true })
  rmSync(incoming, { recursive: true, force: true })
  const there = new Set(scanFolder(folder))
  const wanted: FileEntry[] = []
  const differing: string[] = []
  let same = 0
  for await (const entry of filesOf(client, fileSet, version)) {
    checkFilePath(entry.path)
    if (!there.delete(entry.path)) {
      wanted.push(entry)
    } else if (await isSame(join(folder, entry.path), entry)) {
      same++
    } else {
      differing.push(entry.path)
      wanted.push(entry)
    }
  }
  const others = [...there]
  refuseLoss(folder, { differing: force ? [] : differing, blocking: blockersOf(wanted, there) })
  if (remove) for (const path of others) rmSync(join(folder, path))
  mkdirSync(incoming)
  try {
    let bytes = 0
    const made = new Set<string>()
    for await (const files of fetched(client, wanted, incoming)) {
      for (const { path, size, arrived } of files) {
        const target = join(folder, path)
        const parent = dirname(target)
        if (!made.has(parent)) mkdirSync(parent, { recursive: true })
        made.add(parent)
        renameSync(arrived, target)
        bytes += size
      }
      onProgress?.(files.length)
    }
    return { written: wanted.length, bytes, same, others }
  } finally {
    rmSync(incoming, { recursive: true, force: true })
  }
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

/** Files in the way: where the version has a folder, or the other way round. */
function blockersOf(wanted: readonly FileEntry[], others: ReadonlySet<string>): string[] {
  const blocking = new Set<string>()
  const folders = new Set<string>()
  for (const path of others) for (const folder of foldersOf(path)) folders.add(folder)
  for (const { path } of wanted) {
    if (folders.has(path)) blocking.add(path)
    for (const folder of foldersOf(path)) if (others.has(folder)) blocking.add(folder)
  }
  return [...blocking]
}

function foldersOf(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, depth) => parts.slice(0, depth + 1).join('/'))
}

function refuseLoss(
  folder: string,
  found: { differing: readonly string[]; blocking: readonly string[] },
): void {
  const refused = (paths: readonly string[], reason: string, advice: string) =>
    fail('file_set.checkout_refused', { count: paths.length, folder, path: paths[0], reason, advice })
  if (found.blocking.length > 0) {
    throw refused(found.blocking, 'stands where a folder or a file has to be', 'Move it away first.')
  }
  if (found.differing.length > 0) {
    const advice = 'Add them to a file set first, or use --force.'
    throw refused(found.differing, 'differs from the version', advice)
  }
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
