import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { type DatasetDefinition, fail } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import type { RowReader } from './row-reader.ts'
import type { Source } from './source.ts'
import { isUnreadable, parsedColumns } from './text-values.ts'

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
    ...(await tolerant(lake, schema, source)),
  }
}

/** Files of one object per line can be read line by line; an array is whole or it is nothing. */
async function tolerant(
  lake: Lake,
  schema: DatasetDefinition['schema'],
  { files }: Source,
): Promise<Pick<RowReader, 'accepted' | 'collectRejected'>> {
  const lines = files.map(({ path }) => linesOf(path))
  const texts = Object.keys(schema)
    .map((column) => `json_extract_string(object, ${quoteText(`$."${column}"`)}) AS ${quoteName(column)}`)
    .join(', ')
  const unreadable = Object.entries(schema).map(
    ([column, type]) => `WHEN ${isUnreadable(quoteName(column), type)} THEN ${quoteText(column)}`,
  )
  const rowsOf = (
    relation: string,
  ) => `(SELECT *, CASE WHEN object IS NULL THEN '' ${unreadable.join(' ')} END AS column$
    FROM (SELECT *, ${texts} FROM (SELECT *, CASE WHEN json_valid(text$) AND json_type(text$) = 'OBJECT' THEN text$ END AS object FROM ${relation})))`
  for (const { path } of files) if (await isArray(path)) return {}
  return {
    accepted: `(${lines
      .map(
        (relation) => `SELECT ${parsedColumns(schema, true)} FROM ${rowsOf(relation)} WHERE column$ IS NULL`,
      )
      .join(' UNION ALL ')})`,
    async collectRejected(path, { signal }) {
      const parts = lines.map(
        (
          relation,
          i,
        ) => `SELECT ${quoteText(files[i].path)} AS file, line$ AS line, nullif(column$, '') AS column,
          CASE WHEN object IS NULL THEN 'no JSON object' ELSE 'the value is no ' || ${typeOfColumn(schema)} END AS reason,
          text$ AS text FROM ${rowsOf(relation)} WHERE column$ IS NOT NULL`,
      )
      await lake.writeParquet(`${parts.join(' UNION ALL ')} ORDER BY ALL`, path, { signal })
    },
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

function typeOfColumn(schema: DatasetDefinition['schema']): string {
  const cases = Object.entries(schema).map(
    ([column, type]) => `WHEN ${quoteText(column)} THEN ${quoteText(type)}`,
  )
  return `CASE column$ ${cases.join(' ')} END`
}

/** Lines that are not empty, with their numbers. */
function linesOf(path: string): string {
  const read = `read_csv(${quoteText(path)}, auto_detect = false, header = false, delim = '', quote = '', escape = '', columns = {'text$': 'VARCHAR'}, null_padding = true)`
  return `(SELECT * FROM (SELECT text$, row_number() OVER () AS line$ FROM ${read}) WHERE trim(text$) <> '')`
}
