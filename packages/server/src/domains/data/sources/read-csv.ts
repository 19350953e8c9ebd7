import { type ColumnType, type DatasetDefinition, fail, type Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import { missingForNaN, sqlType } from '../column-types.ts'
import { hidesValues } from '../masks.ts'
import type { RowReader } from './row-reader.ts'
import type { Source, SourceFile } from './source.ts'
import { isUnreadable, parseText, parseTextOrFail } from './text-values.ts'

interface Dialect {
  /** In the order of the file. */
  columns: string[]
  /** Named parameters of `read_csv`. */
  parameters: string
}

/** Files that are written alike are read in one go. */
interface FileGroup extends Dialect {
  files: SourceFile[]
}

/** Rows of CSV files. @throws `dataset.schema_mismatch` for a file that lacks a column */
export async function readCsv(
  lake: Lake,
  definition: DatasetDefinition,
  source: Source,
  options: LakeOptions,
): Promise<RowReader> {
  const { name: dataset, schema } = definition
  const groups = new Map<string, FileGroup>()
  for (const file of source.files) {
    const dialect = await findDialect(
      lake,
      { dataset, schema, source, file, hidesValues: hidesValues(definition) },
      options,
    )
    const key = JSON.stringify(dialect)
    const group = groups.get(key) ?? { ...dialect, files: [] }
    groups.set(key, group)
    group.files.push(file)
  }
  // With a format of one's own only the engine's reader can read times.
  const hasFormat = source.options?.timestampFormat !== undefined
  const isText = (type: ColumnType) => type === 'int64' || (type === 'timestamp' && !hasFormat)
  const reads = (asText: boolean, extra = '') =>
    [...groups.values()].map((group) =>
      readGroup(group, schema, (type) => (asText && isText(type) ? 'VARCHAR' : sqlType(type)), extra),
    )
  const united = (readings: readonly string[], select: string, where = '') =>
    `(${readings.map((read) => `SELECT ${select} FROM ${read}${where}`).join(' UNION ALL ')})`
  const columns = (parse: typeof parseTextOrFail) =>
    Object.entries(schema)
      .map(([column, type]) => {
        const name = quoteName(column)
        if (isText(type)) return `${parse(name, type, column)} AS ${name}`
        return type === 'float64' ? `${missingForNaN(name)} AS ${name}` : name
      })
      .join(', ')
  const texts = Object.entries(schema)
    .filter(([, type]) => isText(type))
    .map(([column, type]) => {
      const name = quoteName(column)
      const isNative = `(${name} IS NULL OR TRY_CAST(${name} AS ${sqlType(type)}) IS NOT NULL)`
      return { column, type, isNative, isUnreadable: isUnreadable(name, type) }
    })
  const readable =
    texts.length === 0 ? '' : ` WHERE NOT (${texts.map((one) => one.isUnreadable).join(' OR ')})`
  return {
    relation: united(reads(true), columns(parseTextOrFail)),
    accepted: united(reads(true, ', ignore_errors = true'), columns(parseText), readable),
    async collectRejected(path, { signal }) {
      // What the engine's reader refuses, with its line; then what only the stricter reading of a text does.
      const kept = reads(false, ', store_rejects = true').flatMap((read, i) => [
        `CREATE OR REPLACE TEMP TABLE read$ AS SELECT ${Object.keys(schema)
          .map((column) => `count(${quoteName(column)})`)
          .join(', ')} FROM ${read}`,
        `${i === 0 ? 'CREATE OR REPLACE TEMP TABLE rejected$ AS' : 'INSERT INTO rejected$'} SELECT * FROM (${rejects})`,
        'DROP TABLE reject_errors',
        'DROP TABLE reject_scans',
      ])
      const allNative = texts.map(({ isNative }) => isNative).join(' AND ')
      for (const read of texts.length === 0
        ? []
        : reads(true, `, ignore_errors = true, filename = 'file$'`)) {
        const first = (value: (one: (typeof texts)[number]) => string) =>
          `CASE ${texts.map((one) => `WHEN ${one.isUnreadable} THEN ${value(one)}`).join(' ')} END`
        kept.push(
          `INSERT INTO rejected$ SELECT * FROM (SELECT file$, NULL, ${first(({ column }) => quoteText(column))} AS column$,
           ${first(({ type }) => quoteText(`the value is no ${type}`))}, ${first(({ column }) => quoteName(column))}
           FROM ${read} WHERE ${allNative}) WHERE column$ IS NOT NULL`,
        )
      }
      const left = 'DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans'
      await lake.run(
        `${left}; ${kept.join('; ')}; COPY (SELECT * FROM rejected$ ORDER BY ALL) TO ${quoteText(path)} (FORMAT parquet); DROP TABLE rejected$; DROP TABLE read$`,
        { signal },
      )
    },
  }
}

/** One row of the answer per line that is refused: several reasons of one line are one. */
const rejects = `SELECT s.file_path AS file, e.line::BIGINT AS line, first(e.column_name ORDER BY e.byte_position) AS column,
  first(e.error_message ORDER BY e.byte_position) AS reason, first(e.csv_line ORDER BY e.byte_position) AS text
  FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id) GROUP BY s.file_path, e.line`

function readGroup(
  group: FileGroup,
  schema: Schema,
  typeOf: (type: ColumnType) => string,
  extra: string,
): string {
  const files = group.files.map(({ path }) => quoteText(path)).join(', ')
  const columns = group.columns.map((column) => {
    const type = Object.hasOwn(schema, column) ? typeOf(schema[column]) : 'VARCHAR'
    return `${quoteText(column)}: '${type}'`
  })
  return `read_csv([${files}], auto_detect = false, columns = {${columns.join(', ')}}${group.parameters}${extra})`
}

async function findDialect(
  lake: Lake,
  input: { dataset: string; schema: Schema; source: Source; file: SourceFile; hidesValues: boolean },
  options: LakeOptions,
): Promise<Dialect> {
  const { dataset, schema, source, file } = input
  const { options: given = {} } = source
  const header = given.header ?? true
  const asked = namedParameters({
    header,
    delim: given.delimiter,
    quote: given.quote,
    escape: given.escape,
    comment: given.comment,
    skip: given.skipLines,
    nullstr: given.nullValues,
    timestampformat: given.timestampFormat,
    decimal_separator: given.decimalSeparator,
    encoding: given.encoding,
  })
  const [found] = await lake.rows<Sniffed>(
    `SELECT Delimiter AS delimiter, Quote AS quote, Escape AS escape, Comment AS comment, SkipRows AS skip,
     to_json([c.name for c in Columns])::VARCHAR AS names FROM sniff_csv(${quoteText(file.path)}, ignore_errors = true${asked})`,
    options,
  )
  const names = JSON.parse(found.names) as string[]
  const columns = header ? names : Object.keys(schema)
  if (!header && names.length !== columns.length) {
    const expected = `${columns.length} columns, as in the schema`
    throw fail('dataset.schema_mismatch', {
      dataset,
      column: columns[Math.min(names.length, columns.length - 1)],
      expected,
      found: `${names.length} columns in ${file.name}`,
    })
  }
  const missing = Object.keys(schema).find((column) => !columns.includes(column))
  if (missing !== undefined) {
    // Without a header the first line would be taken for one: it has values.
    const seen = input.hidesValues ? '' : ` (it has ${columns.slice(0, 50).join(', ')})`
    throw fail('dataset.schema_mismatch', {
      dataset,
      column: missing,
      expected: schema[missing],
      found: `no such column in ${file.name}${seen}`,
    })
  }
  const plain = (text: string) => (text === '(empty)' ? '' : text)
  const parameters = namedParameters({
    header,
    delim: given.delimiter ?? found.delimiter,
    // A file without a quoted value at its beginning may have one later.
    quote: given.quote ?? (plain(found.quote) || '"'),
    escape: given.escape ?? (plain(found.escape) || '"'),
    comment: given.comment ?? plain(found.comment),
    skip: given.skipLines ?? found.skip,
    nullstr: given.nullValues,
    timestampformat: given.timestampFormat,
    decimal_separator: given.decimalSeparator,
    encoding: given.encoding,
  })
  return { columns, parameters }
}

interface Sniffed {
  delimiter: string
  quote: string
  escape: string
  comment: string
  skip: number
  names: string
}

function namedParameters(
  values: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `, ${name} = ${literal(value as string | number | boolean | readonly string[])}`)
    .join('')
}

function literal(value: string | number | boolean | readonly string[]): string {
  if (typeof value === 'string') return quoteText(value)
  return typeof value === 'object' ? `[${value.map(quoteText).join(', ')}]` : String(value)
}
