import { type DatasetDefinition, fail, type Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import { missingForNaN } from '../column-types.ts'
import type { RowReader } from './row-reader.ts'
import type { Source, SourceFile } from './source.ts'
import { isUnreadable, looksFractional, parseText, parseTextOrFail } from './text-values.ts'

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
  { name: dataset, schema }: DatasetDefinition,
  source: Source,
  options: LakeOptions,
): Promise<RowReader> {
  const groups = new Map<string, FileGroup>()
  for (const file of source.files) {
    const dialect = await findDialect(lake, { dataset, schema, source, file }, options)
    const key = JSON.stringify(dialect)
    const group = groups.get(key) ?? { ...dialect, files: [] }
    groups.set(key, group)
    group.files.push(file)
  }
  // A format of one's own is only for times without a zone, or names theirs itself.
  const times = source.options?.timestampFormat === undefined ? {} : { timestamp: 'TIMESTAMP' }
  const reads = (types: Types, extra = '') =>
    [...groups.values()].map((group) => readGroup(group, schema, { ...types, ...times }, extra))
  const united = (readings: readonly string[], select: string, where = '') =>
    `(${readings.map((read) => `SELECT ${select} FROM ${read}${where}`).join(' UNION ALL ')})`
  const integers = Object.keys(schema).filter((column) => schema[column] === 'int64')
  const unreadable = integers.map((column) => isUnreadable(quoteName(column), 'int64'))
  const noneOf = unreadable.length === 0 ? '' : ` WHERE NOT (${unreadable.join(' OR ')})`
  return {
    relation: united(reads(texts), columnsOf(schema, parseTextOrFail)),
    accepted: united(reads(texts, ', ignore_errors = true'), columnsOf(schema, parseText), noneOf),
    async collectRejected(path, { signal }) {
      const kept = reads(whole, ', store_rejects = true').flatMap((read, i) => [
        `CREATE OR REPLACE TEMP TABLE read$ AS SELECT ${Object.keys(schema)
          .map((column) => `count(${quoteName(column)})`)
          .join(', ')} FROM ${read}`,
        `${i === 0 ? 'CREATE OR REPLACE TEMP TABLE rejected$ AS' : 'INSERT INTO rejected$'} SELECT * FROM (${rejects})`,
        'DROP TABLE reject_errors',
        'DROP TABLE reject_scans',
      ])
      const fractions = integers.map((column) => {
        const text = quoteName(column)
        const isNumber = `(${text} IS NULL OR TRY_CAST(${text} AS BIGINT) IS NOT NULL)`
        return {
          column,
          isNumber,
          isFraction: `(${looksFractional(text)} AND ${isUnreadable(text, 'int64')})`,
        }
      })
      for (const { column, isFraction } of fractions) {
        for (const read of reads(texts, `, ignore_errors = true, filename = 'file$'`)) {
          kept.push(
            `INSERT INTO rejected$ SELECT file$, NULL, ${quoteText(column)}, 'no whole number', ${quoteName(column)} FROM ${read}
             WHERE ${isFraction} AND ${fractions.map(({ isNumber }) => isNumber).join(' AND ')}`,
          )
        }
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

/** Types that columns of a schema are read with. */
type Types = Record<Schema[string], string>
/** The engine would round fractions in a column of integers: they are read as text and looked at. */
const texts: Types = {
  string: 'VARCHAR',
  int64: 'VARCHAR',
  float64: 'DOUBLE',
  boolean: 'BOOLEAN',
  timestamp: 'TIMESTAMPTZ',
}
const whole: Types = { ...texts, int64: 'BIGINT' }

function columnsOf(schema: Schema, integer: (text: string, type: 'int64', column: string) => string): string {
  return Object.entries(schema)
    .map(([column, type]) => {
      const name = quoteName(column)
      if (type === 'int64') return `${integer(name, type, column)} AS ${name}`
      if (type === 'timestamp') return `CAST(${name} AS TIMESTAMP) AS ${name}`
      return type === 'float64' ? `${missingForNaN(name)} AS ${name}` : name
    })
    .join(', ')
}

function readGroup(group: FileGroup, schema: Schema, types: Types, extra: string): string {
  const files = group.files.map(({ path }) => quoteText(path)).join(', ')
  const columns = group.columns.map((column) => {
    const type = column in schema ? types[schema[column]] : 'VARCHAR'
    return `${quoteText(column)}: '${type}'`
  })
  return `read_csv([${files}], auto_detect = false, columns = {${columns.join(', ')}}${group.parameters}${extra})`
}

async function findDialect(
  lake: Lake,
  input: { dataset: string; schema: Schema; source: Source; file: SourceFile },
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
    throw fail('dataset.schema_mismatch', {
      dataset,
      column: missing,
      expected: schema[missing],
      found: `no such column in ${file.name} (it has ${columns.slice(0, 50).join(', ')})`,
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
