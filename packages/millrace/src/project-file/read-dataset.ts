import { CsvOptions, type EvolutionRule, type FileFormat, type MaxRejected } from '@millrace/protocol'
import { type Dataset, dataset, derive } from '../definition/dataset.ts'
import type { Duration } from '../definition/duration.ts'
import { readSuite } from '../definition/gx-suite.ts'
import { arrow, csv, json, parquet, postgres, program, type Source } from '../definition/source.ts'
import { type Fields, fieldsOf } from './fields.ts'
import { columnOf, readTaggedColumns } from './read-columns.ts'
import { readDescribed } from './read-options.ts'

export const datasetFields = [
  'source',
  'schema',
  'derived',
  'timestamp',
  'mode',
  'watermark',
  'evolve',
  'renamedFrom',
  'maxRejected',
  'keep',
  'expectations',
] as const

/** A dataset of the file. @throws TypeError that says where in the file something is wrong */
export function readDataset(name: string, fields: Fields): Dataset {
  const derived = fields.entries('derived').map(([column, value]) => {
    const one = fieldsOf(value, `${fields.at}.derived.${column}`, ['type', 'sql'])
    return [column, derive(columnOf(one.text('type'), `${one.at}.type`), one.text('sql'))] as const
  })
  const mode = fields.optionalText('mode')
  if (mode !== undefined && mode !== 'replace' && mode !== 'append')
    throw new TypeError(`${fields.at}.mode must be replace or append, got "${mode}"`)
  const watermark = fields.optionalText('watermark')
  const expectations = fields.get('expectations')
  const renamed = fields.entries('renamedFrom').map(([column, before]) => {
    if (typeof before === 'string') return [column, before] as const
    throw new TypeError(`${fields.at}.renamedFrom.${column} must be the name that the column had before`)
  })
  return dataset(name, {
    ...readDescribed(fields),
    source: readSource(fields),
    schema: readTaggedColumns(fields, 'schema'),
    derived: Object.fromEntries(derived),
    timestamp: fields.text('timestamp') as never,
    ...(mode && { mode }),
    ...(watermark !== undefined && { watermark: watermark as never }),
    ...(fields.has('evolve') && { evolve: readEvolve(fields) }),
    ...(renamed.length > 0 && { renamedFrom: Object.fromEntries(renamed) as never }),
    ...(fields.has('maxRejected') && { maxRejected: readMaxRejected(fields) }),
    ...(fields.has('keep') && { keep: readKeep(fields) }),
    ...(expectations !== undefined && { expect: () => readSuite({ expectations }) }),
  })
}

/** What a source of each format takes beside its format. */
const sources: Record<string, { fields: readonly string[]; read(fields: Fields): Source }> = {
  parquet: { fields: ['path'], read: (fields) => parquet(fields.text('path')) },
  csv: {
    fields: ['path', 'options'],
    read: (fields) => csv(fields.text('path'), fields.has('options') ? readCsvOptions(fields) : undefined),
  },
  json: { fields: ['path'], read: (fields) => json(fields.text('path')) },
  arrow: { fields: ['path'], read: (fields) => arrow(fields.text('path')) },
  postgres: {
    fields: ['query', 'connection'],
    read: (fields) => postgres({ query: fields.text('query'), connection: fields.text('connection') }),
  },
  program: { fields: ['command', 'output', 'options', 'secrets'], read: readProgram },
}

function readSource(dataset: Fields): Source {
  const [given, at] = [dataset.get('source'), `${dataset.at}.source`]
  const { format } = (given ?? {}) as { format?: unknown }
  if (format === undefined) throw new TypeError(`${at}.format is missing`)
  const source = typeof format === 'string' && Object.hasOwn(sources, format) ? sources[format] : undefined
  if (!source)
    throw new TypeError(
      `${at}.format must be ${Object.keys(sources).join(', ')}, got ${JSON.stringify(format)}`,
    )
  return source.read(fieldsOf(given, at, ['format', ...source.fields]))
}

function readProgram(fields: Fields): Source {
  const [file, ...args] = fields.texts('command')
  if (file === undefined) throw new TypeError(`${fields.at}.command must be a program and its arguments`)
  return program({
    command: [file, ...args],
    output: fields.text('output') as FileFormat,
    ...(fields.has('options') && { csv: readCsvOptions(fields) }),
    ...(fields.has('secrets') && { secrets: fields.texts('secrets') }),
  })
}

/** Their values are checked where they are applied. */
function readCsvOptions(source: Fields): CsvOptions {
  const options = source.get('options')
  fieldsOf(options, `${source.at}.options`, Object.keys(CsvOptions.properties))
  return options as CsvOptions
}

function readEvolve(fields: Fields): EvolutionRule[] {
  return fields.texts('evolve').map((rule) => {
    if (rule === 'add' || rule === 'widen') return rule
    throw new TypeError(`${fields.at}.evolve must be a list of add and widen, got "${rule}"`)
  })
}

function readKeep(dataset: Fields): { last?: number; for?: Duration } {
  const fields = fieldsOf(dataset.get('keep'), `${dataset.at}.keep`, ['last', 'for'])
  const time = fields.optionalText('for')
  return {
    ...(fields.has('last') && { last: fields.get('last') as number }),
    ...(time !== undefined && { for: time as Duration }),
  }
}

function readMaxRejected(fields: Fields): MaxRejected {
  const value = fields.get('maxRejected')
  const { share } = (value ?? {}) as { share?: unknown }
  if (Number.isInteger(value) && Number(value) >= 0) return Number(value)
  if (typeof share === 'number' && share >= 0 && share <= 1) return { share }
  throw new TypeError(
    `${fields.at}.maxRejected must be a number of rows, or { share: from 0 to 1 }, got ${JSON.stringify(value)}`,
  )
}
