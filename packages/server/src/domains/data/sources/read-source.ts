import { join } from 'node:path'
import { type DatasetDefinition, fail } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import { fitsType, missingForNaN, sqlType } from '../column-types.ts'
import { readArrow } from './arrow-rows.ts'
import { readCsv } from './read-csv.ts'
import { readJson } from './read-json.ts'
import type { RowReader } from './row-reader.ts'
import type { Source } from './source.ts'
import { writeTextRows } from './text-rows.ts'
import { parsedColumns, parseText } from './text-values.ts'
import { fileColumn, passingOver, tolerantRows, tryCast } from './tolerant-rows.ts'

/**
 * The files of a source as relations for the lake.
 * @throws `dataset.schema_mismatch` naming the first column that is missing or has another type;
 * `dataset.source_unreadable`
 */
export async function readSource(
  lake: Lake,
  input: { definition: DatasetDefinition; source: Source; scratch: string },
  options: LakeOptions,
): Promise<RowReader> {
  const { definition, source, scratch } = input
  switch (source.format) {
    case 'parquet':
      return readParquet(lake, definition, source, options)
    case 'csv':
      return readCsv(lake, definition, source, options)
    case 'json':
      return readJson(lake, definition, source, options)
    case 'text-rows':
      return readTextRows(lake, definition, source.files)
    case 'arrow': {
      const files: WrittenFile[] = []
      for (const [i, file] of source.files.entries()) {
        const path = join(scratch, `arrow-${i}.ndjson`)
        await writeTextRows(path, readArrow(definition, file), options)
        files.push({ path, from: file.path })
      }
      return readTextRows(lake, definition, files)
    }
  }
}

async function readParquet(
  lake: Lake,
  { name: dataset, schema }: DatasetDefinition,
  source: Source,
  options: LakeOptions,
): Promise<RowReader> {
  // Read in one go, files would all be cast to the types of the first.
  const groups = new Map<string, string[]>()
  for (const { path } of source.files) {
    const described = await lake.rows<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM read_parquet(${quoteText(path)})`,
      options,
    )
    const found = new Map(described.map((column) => [column.column_name, column.column_type]))
    for (const [column, expected] of Object.entries(schema)) {
      const type = found.get(column)
      if (type !== undefined && fitsType(type, expected)) continue
      throw fail('dataset.schema_mismatch', {
        dataset,
        column,
        expected,
        found: type ?? `no such column (it has ${[...found.keys()].slice(0, 50).join(', ')})`,
      })
    }
    const types = JSON.stringify(Object.keys(schema).map((column) => found.get(column)))
    groups.set(types, [...(groups.get(types) ?? []), quoteText(path)])
  }
  const columns = Object.entries(schema).map(([name, type]) => {
    const value = `CAST(${quoteName(name)} AS ${sqlType(type)})`
    return `${type === 'float64' ? missingForNaN(value) : value} AS ${quoteName(name)}`
  })
  const groupsOfFiles = [...groups.values()].map((files) => `[${files.join(', ')}]`)
  const selected = groupsOfFiles.map((files) => `SELECT ${columns.join(', ')} FROM read_parquet(${files})`)
  const rows = groupsOfFiles.map((files) =>
    tolerantRows(schema, `read_parquet(${files}, filename = '${fileColumn}')`, tryCast),
  )
  return { relation: `(${selected.join(' UNION ALL ')})`, ...passingOver(lake, rows) }
}

/** Rows as {@link writeTextRows} leaves them. */
interface WrittenFile {
  path: string
  /** The file of the source that they were read from, where that is another one. */
  from?: string
}

function readTextRows(lake: Lake, { schema }: DatasetDefinition, files: readonly WrittenFile[]): RowReader {
  const columns = Object.keys(schema).map((name) => `${quoteText(name)}: 'VARCHAR'`)
  const read = (some: readonly WrittenFile[]) =>
    `read_json([${some.map(({ path }) => quoteText(path)).join(', ')}], columns = {${columns.join(', ')}}, format = 'newline_delimited')`
  const rows = files.map((file) =>
    tolerantRows(
      schema,
      `(SELECT *, ${quoteText(file.from ?? file.path)} AS ${fileColumn} FROM ${read([file])})`,
      parseText,
    ),
  )
  return {
    relation: `(SELECT ${parsedColumns(schema, false)} FROM ${read(files)})`,
    ...passingOver(lake, rows),
  }
}
