import type { ColumnType, DatasetDefinition, Schema } from '@millrace/protocol'
import { quoteName } from '../../../kernel/sql.ts'
import { CannotTranslate } from './left-out.ts'
import { type FeastSource, type FeastView, pushSource, sourceTypes } from './registry.ts'

const namePattern = /^[a-zA-Z][a-zA-Z0-9_-]{0,127}$/
const columnPattern = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/

export function checkName(name: string): string {
  if (namePattern.test(name)) return name
  throw new CannotTranslate(
    'names begin with a letter and have up to 128 letters, digits, hyphens and underscores here',
  )
}

function checkColumn(name: string): string {
  if (columnPattern.test(name)) return name
  throw new CannotTranslate(
    `the column ${JSON.stringify(name)} needs another name: letters, digits and underscores only`,
  )
}

/** The columns of one view's source, and what it is called. */
interface ReadSource {
  /** Of the push source, so that pushes find it; else of the file. */
  name: string
  path: string
  timestamp: string
  created: string | undefined
  /** Name in the view -> name in the file. */
  columnOf(name: string): string
}

/** @throws CannotTranslate for what is no Parquet file */
export function readSource(view: FeastView): ReadSource {
  const { streamSource: stream, batchSource } = view
  const pushed = stream?.type === pushSource ? stream : undefined
  const batch = batchSource ?? pushed?.batchSource
  if (!batch) throw new CannotTranslate('it has no batch source')
  const { file } = batch
  if (!file) {
    const type = sourceTypes[batch.type ?? 0] ?? 'unknown'
    throw new CannotTranslate(`its source "${batch.name}" is of type ${type}; only Parquet files are read`)
  }
  if (file.format?.delta) throw new CannotTranslate(`its source "${batch.name}" is a Delta table`)
  const path = readPath(file.uri ?? '')
  const mapped = new Map(batch.fieldMapping.map(({ key = '', value = '' }) => [value, key]))
  if (!batch.timestampField) throw new CannotTranslate(`its source "${batch.name}" has no timestamp field`)
  return {
    name: pushed ? checkName(pushed.name ?? '') : nameOfFile(batch, path),
    path,
    timestamp: checkColumn(batch.timestampField),
    created: batch.createdTimestampColumn ? checkColumn(batch.createdTimestampColumn) : undefined,
    columnOf: (name) => checkColumn(mapped.get(name) ?? name),
  }
}

function readPath(uri: string): string {
  const path = uri.startsWith('file://') ? uri.slice('file://'.length) : uri
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(path)?.[1]
  if (scheme !== undefined && scheme !== 's3')
    throw new CannotTranslate(`its file is at ${scheme}://; only local files and s3:// are read`)
  if (path === '') throw new CannotTranslate('its file has no path')
  // Without an extension it is the folder of a partitioned table.
  if (/\.[^./]+$|\*/.test(path)) return path
  const folder = `${path.replace(/\/$/, '')}/`
  return scheme === 's3' ? folder : `${folder}**/*.parquet`
}

/** A source without a name is called by its path in Feast. */
function nameOfFile({ name = '' }: FeastSource, path: string): string {
  if (namePattern.test(name)) return name
  const stem = path.split('/').findLast((part) => part !== '' && !part.includes('*')) ?? ''
  const plain = stem.replace(/\.[^.]*$/, '').replace(/[^a-zA-Z0-9_-]/g, '_')
  return checkName(/^[a-zA-Z]/.test(plain) ? plain : `source_${plain}`)
}

/** Collects the columns that views read from files, as datasets. */
export function createDatasets() {
  const datasets = new Map<string, DatasetDefinition>()

  /** The name of the dataset of this file: of two files that are called alike the second gets a number. */
  function nameFor({ name, path, timestamp }: ReadSource): string {
    for (let i = 1; ; i++) {
      const candidate = i === 1 ? name : `${name}_${i}`
      const known = datasets.get(candidate)
      if (!known) return candidate
      if (known.timestamp === timestamp && 'path' in known.source && known.source.path === path)
        return candidate
    }
  }

  return {
    all: () => [...datasets.values()],
    /**
     * Adds what a view reads. Keys have their own names in the dataset; features stay as they are in the file.
     * @throws CannotTranslate if another view reads a column as another type
     */
    add(source: ReadSource, { keys, features }: { keys: Schema; features: Schema }): string {
      const name = nameFor(source)
      const known = datasets.get(name)
      const schema: Schema = { ...known?.schema }
      const derived = { ...known?.derived }
      const put = (column: string, type: ColumnType) => {
        const other = schema[column] ?? derived[column]?.type
        if (other !== undefined && other !== type)
          throw new CannotTranslate(`it reads "${column}" as ${type}, and also as ${other}`)
        schema[column] = type
      }
      put(source.timestamp, 'timestamp')
      if (source.created) put(source.created, 'timestamp')
      for (const [key, type] of Object.entries(keys)) {
        const column = source.columnOf(key)
        put(column, type)
        if (column !== key) derived[checkColumn(key)] = { type, sql: quoteName(column) }
      }
      for (const [feature, type] of Object.entries(features)) put(source.columnOf(feature), type)
      const both = Object.keys(derived).find((column) => Object.hasOwn(schema, column))
      if (both) throw new CannotTranslate(`"${both}" is a column of its source and another one’s new name`)
      datasets.set(name, {
        kind: 'dataset',
        name,
        source: { format: 'parquet', path: source.path },
        schema,
        derived,
        timestamp: source.timestamp,
        expectations: [],
      })
      return name
    },
  }
}
