import { basename, join } from 'node:path'
import { type DatasetDefinition, fail, isPlatformError } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import { missingForNaN, sqlType } from './column-types.ts'
import type { IngestDeps, Ingestion } from './ingestion.ts'
import { type Part, type PartFile, partsRelation, writePart } from './part.ts'
import { reading, readSource } from './sources/read-source.ts'
import type { RowReader } from './sources/row-reader.ts'
import type { SourceFile } from './sources/source.ts'

/** Refused rows that a message tells. */
const told = 3

/**
 * Writes the rows of files as a part at `path`: after parts that are there, those beyond their greatest watermark.
 * @returns undefined if there is no row
 * @throws `dataset.rows_rejected` naming the first rows that cannot be read; `dataset.source_unreadable`,
 * `dataset.schema_mismatch`
 */
export async function writeRows(
  { lake }: Pick<IngestDeps, 'lake'>,
  ingestion: Ingestion,
  { files, before, path }: { files: readonly SourceFile[]; before: readonly PartFile[]; path: string },
): Promise<Part | undefined> {
  const { definition, scratch, signal } = ingestion
  const source = { ...ingestion.source, files: [...files] }
  const at = { dataset: definition.name, path: source.path }
  const write = (relation: string) =>
    writePart(
      lake,
      { query: versionQuery(definition, relation, before), path, timestamp: definition.timestamp },
      { signal },
    )
  return reading(at, async () => {
    const reader = await readSource(lake, { definition, source, scratch }, { signal })
    try {
      return await write(reader.relation)
    } catch (error) {
      if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
      const rejected = await collectRejected(lake, reader, { files, scratch, signal })
      if (!rejected) throw error
      throw fail('dataset.rows_rejected', { ...at, count: rejected.count, limit: 0, first: rejected.first })
    }
  })
}

async function collectRejected(
  lake: IngestDeps['lake'],
  { collectRejected: collect }: RowReader,
  { files, scratch, signal }: { files: readonly SourceFile[]; scratch: string; signal?: AbortSignal },
): Promise<{ path: string; count: number; first: string } | undefined> {
  if (!collect) return undefined
  const path = join(scratch, 'rejected.parquet')
  await collect(path, { signal })
  const [{ count }] = await lake.rows<{ count: number }>(
    `SELECT count(*) AS count FROM read_parquet(${quoteText(path)})`,
    { signal },
  )
  if (count === 0) return undefined
  const rows = await lake.rows<{ file: string; line: number | null; reason: string; column: string | null }>(
    `SELECT file, line, reason, "column" FROM read_parquet(${quoteText(path)}) LIMIT ${told}`,
    { signal },
  )
  const first = rows.map(({ file, line, column, reason }) => {
    const name = files.find((one) => one.path === file)?.name ?? basename(file)
    const place = line === null ? name : `${name}, line ${line}`
    return `${place}${column === null ? '' : `, column "${column}"`}: ${reason}`
  })
  return { path, count, first: first.join('; ') }
}

/**
 * Typed columns, then derived ones; sorted by time, then by all columns, so equal rows give equal bytes. After the
 * parts that are there: the rows beyond their greatest watermark. A row without one stays in, to be refused.
 */
function versionQuery(definition: DatasetDefinition, relation: string, before: readonly PartFile[]): string {
  const derived = Object.entries(definition.derived).map(([name, { type, sql }]) => {
    const value = `CAST((${sql}\n) AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
  })
  const names = Object.keys(definition.schema).map(quoteName)
  const order = [definition.timestamp, ...Object.keys(definition.schema)].map(quoteName)
  const isNew =
    definition.watermark === undefined || before.length === 0
      ? ''
      : `WHERE (${quoteName(definition.watermark)} > (SELECT max(${quoteName(definition.watermark)}) FROM ${partsRelation(before)})) IS NOT FALSE`
  return `SELECT * FROM (SELECT ${[...names, ...derived].join(', ')} FROM ${relation}) ${isNew} ORDER BY ${order.join(', ')}`
}
