import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Client, DatasetPart, DatasetVersion } from '@millrace/client'
import { fail } from '@millrace/protocol/errors'
import { type RowsFormat, rowsConverter } from './convert-rows.ts'

export interface DatasetCheckout {
  dataset: string
  /** Exactly. */
  version: string
  folder: string
  format: RowsFormat
  /** Writes into a folder that has files, in the place of those that have the same names. */
  force?: boolean
}

const pageSize = 1000

/**
 * Writes the rows of a version as files, one for each part: `orders-00000.parquet` and so on. They appear in the folder
 * when all are written.
 * @throws `dataset.checkout_refused` if the folder has files and they are not to be replaced
 */
export async function checkoutDataset(
  client: Pick<Client, 'datasets'>,
  { dataset, version: id, folder, format, force = false }: DatasetCheckout,
  onProgress?: (written: { files: number; of: number }) => void,
): Promise<{ files: number; rows: number; bytes: number }> {
  const found = await filesIn(folder)
  if (found.length > 0 && !force) throw fail('dataset.checkout_refused', { folder, files: found.length })
  const version = await client.datasets.version(dataset, id)
  await mkdir(dirname(folder), { recursive: true })
  // Beside the folder: what is renamed has to be on the same disk.
  const incoming = join(dirname(folder), `.${basename(folder)}.${randomUUID()}`)
  await mkdir(incoming)
  try {
    const converter = await rowsConverter(format, join(incoming, 'spill'))
    const files: string[] = []
    let bytes = 0
    try {
      for await (const { part, position } of partsOf(client, version)) {
        const name = `${dataset}-${String(position).padStart(5, '0')}`
        const received = join(incoming, `${name}.parquet`)
        await receive(client, { version, part, position, path: received })
        const path = join(incoming, `${name}.${format}`)
        await converter.convert(received, path, { rows: part.rows, schema: version.schema })
        bytes += (await stat(path)).size
        files.push(basename(path))
        onProgress?.({ files: files.length, of: version.partCount })
      }
    } finally {
      await converter.close()
    }
    await place(incoming, { folder, files, dataset })
    return { files: files.length, rows: version.rows, bytes }
  } finally {
    await rm(incoming, { recursive: true, force: true })
  }
}

async function* partsOf({ datasets }: Pick<Client, 'datasets'>, { dataset, version }: DatasetVersion) {
  let position = 0
  let pageToken: string | undefined
  do {
    const page = await datasets.parts(dataset, version, { limit: pageSize, pageToken })
    for (const part of page.items) yield { part, position: position++ }
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
}

async function receive(
  { datasets }: Pick<Client, 'datasets'>,
  {
    version,
    part,
    position,
    path,
  }: { version: DatasetVersion; part: DatasetPart; position: number; path: string },
): Promise<void> {
  const { body } = await datasets.openPart(version.dataset, version.version, position)
  if (!body) throw new TypeError('The server answers without the bytes of the part')
  await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(path))
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  const found = hash.digest('hex')
  if (found !== part.digest) throw fail('content.corrupt', { digest: part.digest, found })
}

/** The whole folder at once where it is new; else file by file, and without those of another version. */
async function place(
  incoming: string,
  { folder, files, dataset }: { folder: string; files: readonly string[]; dataset: string },
): Promise<void> {
  const there = await filesIn(folder)
  if (there.length === 0) {
    await removeEmpty(folder)
    await rename(incoming, folder)
    return
  }
  for (const file of files) await rename(join(incoming, file), join(folder, file))
  const own = new RegExp(`^${dataset.replaceAll(/[^\w]/g, '\\$&')}-\\d{5,}\\.(parquet|csv|ndjson|arrow)$`)
  for (const file of there) {
    if (own.test(file) && !files.includes(file)) await rm(join(folder, file))
  }
}

async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** None of a folder that is not there. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    if (code === 'ENOTDIR') throw fail('dataset.checkout_refused', { folder, files: 1 }, error)
    throw error
  }
}
