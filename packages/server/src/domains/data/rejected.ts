import { basename, join } from 'node:path'
import { type DatasetDefinition, fail } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { hidesValues } from './masks.ts'
import type { RowReader } from './sources/row-reader.ts'
import type { SourceFile } from './sources/source.ts'

/** A row of a source that could not be read and was kept aside. */
export interface RejectedRow {
  /** The file, as the source names it. */
  file: string
  /** From 1; null where it is not known. */
  line: number | null
  column: string | null
  reason: string
  /** As it stands in the file: the line, or the value; null in a dataset that hides values. */
  text: string | null
}

export interface RejectedFile {
  path: string
  rows: number
}

/** Rows that a message tells. */
const told = 3
const textLength = 2000

/**
 * Collects the rows that cannot be read as one Parquet file.
 * @returns undefined if there is none: then something else is wrong with the source
 * @throws `dataset.rows_rejected` if there are more than the definition allows
 */
export async function collectRejected(
  lake: Lake,
  reader: RowReader,
  input: {
    definition: DatasetDefinition
    source: { path: string; files: readonly SourceFile[] }
    scratch: string
    signal?: AbortSignal
  },
): Promise<RejectedFile | undefined> {
  const { definition, source, scratch, signal } = input
  if (!reader.collectRejected) return undefined
  const collected = join(scratch, 'collected.parquet')
  await reader.collectRejected(collected, { signal })
  const path = join(scratch, 'rejected.parquet')
  const rows = await lake.writeParquet(namedQuery(collected, definition, source.files), path, { signal })
  if (rows === 0) return undefined
  const limit = await limitOf(lake, definition, reader, rows, signal)
  if (reader.accepted === undefined || rows > limit) {
    const first = (await listRejected(lake, path, { offset: 0, limit: told })).map(describe).join('; ')
    throw fail('dataset.rows_rejected', {
      dataset: definition.name,
      path: source.path,
      count: rows,
      limit,
      first,
    })
  }
  return { path, rows }
}

export async function listRejected(
  lake: Lake,
  path: string,
  page: { offset: number; limit: number },
): Promise<RejectedRow[]> {
  return lake.rows<RejectedRow & object>(
    `SELECT * FROM read_parquet(${quoteText(path)}) LIMIT ${page.limit} OFFSET ${page.offset}`,
  )
}

/** Files by the names that others know them by. Where values are hidden, neither texts nor reasons quote them. */
function namedQuery(collected: string, definition: DatasetDefinition, files: readonly SourceFile[]): string {
  const names = files.map(({ path, name }) => `(${quoteText(path)}, ${quoteText(name)})`)
  const hides = hidesValues(definition)
  const reason = hides ? `'the row cannot be read'` : 'r.reason'
  const text = hides ? 'NULL::VARCHAR' : `left(r.text, ${textLength})`
  return `SELECT coalesce(n.name, r.file) AS file, r.line::BIGINT AS line, r."column" AS "column", ${reason} AS reason, ${text} AS text
    FROM read_parquet(${quoteText(collected)}) r LEFT JOIN (VALUES ${names.join(', ')}) n(path, name) ON n.path = r.file
    ORDER BY ALL`
}

async function limitOf(
  lake: Lake,
  { maxRejected = 0, schema }: DatasetDefinition,
  { accepted }: RowReader,
  rejected: number,
  signal?: AbortSignal,
): Promise<number> {
  if (typeof maxRejected === 'number') return maxRejected
  if (accepted === undefined) return 0
  // Every column is asked for: a reader passes over no value that it need not read.
  const columns = Object.keys(schema).map((name) => `count(${quoteName(name)})`)
  const [{ count }] = await lake.rows<{ count: number }>(
    `SELECT count(*) AS count, ${columns.join(', ')} FROM ${accepted}`,
    { signal },
  )
  return Math.floor(maxRejected.share * (count + rejected))
}

function describe({ file, line, column, reason }: RejectedRow): string {
  const name = file.startsWith('upload:') ? basename(file) : file
  const place = line === null ? name : `${name}, line ${line}`
  return `${place}${column === null ? '' : `, column "${column}"`}: ${reason}`
}
