import { createReadStream } from 'node:fs'
import { type ColumnType, type FileFormat, fail, isPlatformError } from '@millrace/protocol'
import { RecordBatchReader } from 'apache-arrow'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { fitsType } from './column-types.ts'
import { arrowTypes } from './sources/arrow-rows.ts'
import { formatOf } from './sources/file-format.ts'

/** What the beginning of a file says about its columns. */
export interface InferredFile {
  format: FileFormat
  /** Rows that were looked at; 0 where only the types were (Arrow). */
  rows: number
  columns: InferredColumn[]
  /** Columns that no dataset can have, with the reason. */
  leftOut: { name: string; reason: string }[]
}

export interface InferredColumn {
  name: string
  type: ColumnType
  nulls: number
  /** Every row has a value of its own. */
  unique: boolean
}

const rowsToLookAt = 200_000
const namePattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** In the order in which a type is tried: the narrower first. */
const types: readonly ColumnType[] = ['boolean', 'int64', 'float64', 'timestamp', 'string']

/** Finds the columns of a file and what their values look like. @throws `dataset.source_unreadable` */
export async function inferFile(
  lake: Lake,
  { path, format: given }: { path: string; format?: FileFormat },
): Promise<InferredFile> {
  const format = given ?? formatOf('', path)
  const relation = format === 'arrow' ? undefined : `${readers[format]}(${quoteText(path)})`
  try {
    const found = relation === undefined ? await readArrowTypes(path) : await describe(lake, relation)
    const columns: Pick<InferredColumn, 'name' | 'type'>[] = []
    const leftOut: InferredFile['leftOut'] = []
    for (const [name, lakeType] of found) {
      // JSON without a value that says more.
      const isText = lakeType === 'UUID' || lakeType === 'JSON' || lakeType === '"NULL"'
      const type = isText ? 'string' : types.find((one) => fitsType(lakeType, one))
      if (!namePattern.test(name)) leftOut.push({ name, reason: 'a name has only letters, digits and _' })
      else if (type === undefined) leftOut.push({ name, reason: `${lakeType} is no type of a column` })
      else columns.push({ name, type })
    }
    const looked = relation === undefined ? undefined : await lookAt(lake, relation, columns)
    return {
      format,
      rows: looked?.rows ?? 0,
      columns: columns.map((column, i) => ({ ...column, nulls: 0, unique: false, ...looked?.columns[i] })),
      leftOut,
    }
  } catch (error) {
    if (isPlatformError(error) && error.code !== 'lake.query_failed') throw error
    const reason = isPlatformError(error) ? error.details.reason : (error as Error).message
    throw fail('dataset.source_unreadable', { dataset: '', path, reason }, error)
  }
}

const readers: Record<Exclude<FileFormat, 'arrow'>, string> = {
  parquet: 'read_parquet',
  csv: 'read_csv',
  json: 'read_json',
}

async function describe(lake: Lake, relation: string): Promise<Map<string, string>> {
  const rows = await lake.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${relation}`,
  )
  return new Map(rows.map((row) => [row.column_name, row.column_type]))
}

async function readArrowTypes(path: string): Promise<Map<string, string>> {
  const stream = createReadStream(path)
  try {
    const reader = await RecordBatchReader.from(stream)
    await reader.open()
    return arrowTypes(reader.schema)
  } finally {
    stream.destroy()
  }
}

async function lookAt(
  lake: Lake,
  relation: string,
  columns: readonly Pick<InferredColumn, 'name' | 'type'>[],
): Promise<{ rows: number; columns: Pick<InferredColumn, 'nulls' | 'unique'>[] }> {
  const aggregates = columns.flatMap(({ name, type }, i) => {
    const column = quoteName(name)
    const distinct = type === 'string' || type === 'int64' ? `count(DISTINCT ${column})` : '0'
    return [`count(${column}) AS n${i}`, `${distinct} AS d${i}`]
  })
  const [row] = await lake.rows<Record<string, number>>(
    `SELECT ${['count(*) AS rows', ...aggregates].join(', ')} FROM (SELECT * FROM ${relation} LIMIT ${rowsToLookAt})`,
  )
  return {
    rows: row.rows,
    columns: columns.map((_, i) => ({
      nulls: row.rows - row[`n${i}`],
      unique: row.rows > 1 && row[`d${i}`] === row.rows,
    })),
  }
}
