import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { type DatasetDefinition, fail, type Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import type { RowReader } from './row-reader.ts'
import type { Source, SourceFile } from './source.ts'
import { isUnreadable, parsedColumns, parseText } from './text-values.ts'
import { fileColumn, passingOver, type TolerantRows, tolerantRows } from './tolerant-rows.ts'

/** Rows of JSON files: one object per line, or one array of objects. @throws `dataset.schema_mismatch` */
export async function readJson(
  lake: Lake,
  { name: dataset, schema }: DatasetDefinition,
  source: Source,
  options: LakeOptions,
): Promise<RowReader> {
  const files = `[${source.files.map(({ path }) => quoteText(path)).join(', ')}]`
  const columns = Object.keys(schema)
  const asText = (names: readonly string[]) =>
    `read_json(${files}, columns = {${names.map((name) => `${quoteText(name)}: 'VARCHAR'`).join(', ')}}`
  const described = await lake.rows<{ column_name: string }>(
    `DESCRIBE SELECT * FROM read_json(${files}, ignore_errors = true, union_by_name = true)`,
    options,
  )
  const found = new Set(described.map((column) => column.column_name))
  // Only the beginning was looked at: a column may first come later.
  const unseen = columns.filter((column) => !found.has(column))
  if (unseen.length > 0) {
    const counts = unseen.map((column, i) => `count(${quoteName(column)}) AS c${i}`)
    const [row] = await lake.rows<Record<string, number>>(
      `SELECT ${counts.join(', ')} FROM ${asText(unseen)}, ignore_errors = true)`,
      options,
    )
    const missing = unseen.find((_, i) => Number(row[`c${i}`]) === 0)
    if (missing !== undefined) {
      throw fail('dataset.schema_mismatch', {
        dataset,
        column: missing,
        expected: schema[missing],
        found: `no such column (it has ${[...found].slice(0, 50).join(', ')})`,
      })
    }
  }
  return {
    relation: `(SELECT ${parsedColumns(schema, false)} FROM ${asText(columns)}))`,
    ...passingOver(lake, await tolerant(schema, source)),
  }
}

/** Objects of an array are read one by one if it is whole; lines also if one of them is no JSON at all. */
async function tolerant(schema: Schema, { files }: Source): Promise<TolerantRows[]> {
  const [arrays, lines]: [SourceFile[], SourceFile[]] = [[], []]
  for (const file of files) ((await isArray(file.path)) ? arrays : lines).push(file)
  const rows = lines.map(({ path }) => tolerantLines(schema, path))
  if (arrays.length === 0) return rows
  const columns = Object.keys(schema).map((name) => `${quoteText(name)}: 'VARCHAR'`)
  const paths = arrays.map(({ path }) => quoteText(path))
  const read = `read_json([${paths.join(', ')}], columns = {${columns.join(', ')}}, filename = '${fileColumn}')`
  return [tolerantRows(schema, read, parseText), ...rows]
}

function tolerantLines(schema: Schema, path: string): TolerantRows {
  const texts = Object.keys(schema)
    .map((column) => `json_extract_string(object, ${quoteText(`$."${column}"`)}) AS ${quoteName(column)}`)
    .join(', ')
  const unreadable = Object.entries(schema).map(
    ([column, type]) => `WHEN ${isUnreadable(quoteName(column), type)} THEN ${quoteText(column)}`,
  )
  const objects = `(SELECT *, CASE WHEN json_valid(text$) AND json_type(text$) = 'OBJECT' THEN text$ END AS object FROM ${linesOf(path)})`
  const rows = `(SELECT *, CASE WHEN object IS NULL THEN '' ${unreadable.join(' ')} END AS column$
    FROM (SELECT *, ${texts} FROM ${objects}))`
  return {
    accepted: `SELECT ${parsedColumns(schema, true)} FROM ${rows} WHERE column$ IS NULL`,
    rejected: `SELECT ${quoteText(path)} AS file, line$ AS line, nullif(column$, '') AS column,
      CASE WHEN object IS NULL THEN 'no JSON object' ELSE 'the value is no ' || ${typeOfColumn(schema)} END AS reason,
      text$ AS text FROM ${rows} WHERE column$ IS NOT NULL`,
  }
}

async function isArray(path: string): Promise<boolean> {
  const file = createReadStream(path)
  const plain = path.toLowerCase().endsWith('.gz') ? file.pipe(createGunzip()) : file
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      const text = chunk.toString('latin1').trimStart()
      if (text !== '') return text.startsWith('[')
    }
    return false
  } finally {
    file.destroy()
  }
}

function typeOfColumn(schema: Schema): string {
  const cases = Object.entries(schema).map(
    ([column, type]) => `WHEN ${quoteText(column)} THEN ${quoteText(type)}`,
  )
  return `CASE column$ ${cases.join(' ')} END`
}

/** Bytes of a line: what the reader of whole files takes. */
const longestLine = 16 * 2 ** 20

/** Lines that are not empty, with their numbers. */
function linesOf(path: string): string {
  const read = `read_csv(${quoteText(path)}, auto_detect = false, header = false, delim = '', quote = '', escape = '', columns = {'text$': 'VARCHAR'}, null_padding = true, max_line_size = ${longestLine}, buffer_size = ${2 * longestLine})`
  return `(SELECT * FROM (SELECT text$, row_number() OVER () AS line$ FROM ${read}) WHERE trim(text$) <> '')`
}
