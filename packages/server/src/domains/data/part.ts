import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { ContentStore } from '../../ports/content-store.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'

/** Immutable rows as one Parquet file in the content store, sorted by event time. Versions share their parts. */
export interface Part {
  /** SHA-256 of the file, its name in the content store. */
  digest: string
  bytes: number
  rows: number
  /** First and last event time: milliseconds, to the microsecond. Absent where it is not known. */
  minTime?: number
  maxTime?: number
}

/** Open files of a store that has to fetch them. */
const openAtOnce = 8

/** Columns that the lake adds when it reads parts: no dataset can have them. */
export const reservedColumns = ['file_row_number', 'file_index'] as const

/**
 * Writes the rows of a query as the Parquet file of a part, at `path` and not yet in the content store. Equal rows in
 * equal order give an equal digest.
 * @returns undefined, and no file, if there are no rows
 */
export async function writePart(
  lake: Lake,
  input: { query: string; path: string; timestamp?: string },
  options: LakeOptions = {},
): Promise<Part | undefined> {
  const { query, path, timestamp } = input
  const rows = await lake.writeParquet(query, path, options)
  if (rows === 0) return undefined
  const { size: bytes } = await stat(path)
  const part = { digest: await digestFile(path, options.signal), bytes, rows }
  if (timestamp === undefined) return part
  const time = quoteName(timestamp)
  const [{ first, last }] = await lake.rows<{ first: number | null; last: number | null }>(
    `SELECT min(${time}) AS first, max(${time}) AS last FROM read_parquet(${quoteText(path)})`,
    options,
  )
  return first === null || last === null ? part : { ...part, minTime: first, maxTime: last }
}

/** Local files with the parts, in their order. */
export async function openParts(
  content: Pick<ContentStore, 'openLocal'>,
  parts: readonly Pick<Part, 'digest'>[],
): Promise<string[]> {
  const files: string[] = []
  for (let start = 0; start < parts.length; start += openAtOnce) {
    const some = parts.slice(start, start + openAtOnce)
    files.push(...(await Promise.all(some.map(({ digest }) => content.openLocal(digest)))))
  }
  return files
}

export interface PartFile {
  path: string
  rows: number
}

/**
 * Files of parts as a relation for the lake, which reads them in their order; with `rowNumbers` it has the column
 * `file_row_number` too, from 0 and counted through all of the files.
 */
export function partsRelation(
  files: readonly PartFile[],
  { rowNumbers = false }: { rowNumbers?: boolean } = {},
): string {
  const list = `[${files.map(({ path }) => quoteText(path)).join(', ')}]`
  if (!rowNumbers) return `read_parquet(${list})`
  const read = `read_parquet(${list}, file_row_number = true)`
  if (files.length === 1) return read
  let rows = 0
  const before: number[] = []
  for (const file of files) {
    before.push(rows)
    rows += file.rows
  }
  const first = `[${before.map((count) => `${count}::BIGINT`).join(', ')}][file_index::BIGINT + 1]`
  return `(SELECT * REPLACE (${first} + file_row_number AS file_row_number) FROM ${read})`
}

/** SHA-256 of a file. */
export async function digestFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  // Larger chunks save little, and for small files the collector has to take back what they leave unused.
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk)
  return hash.digest('hex')
}
