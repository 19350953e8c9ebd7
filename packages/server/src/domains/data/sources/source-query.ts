import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, type DatasetSource, fail } from '@millrace/protocol'
import type { QueryBatch, QueryColumnType } from '../../../ports/query-source.ts'
import { digestFile } from '../part.ts'
import type { Source, SourceDeps, SourceRequest } from './source.ts'
import { summaryOf } from './source-files.ts'
import { type TextBatch, writeTextRows } from './text-rows.ts'

const accepted: Record<DatasetDefinition['schema'][string], readonly QueryColumnType[]> = {
  string: ['text'],
  int64: ['integer'],
  float64: ['integer', 'number'],
  boolean: ['boolean'],
  timestamp: ['time'],
}

/**
 * Runs the query and keeps its rows as a file; with `after` only those that can be new.
 * @throws `dataset.schema_mismatch`, `query.failed`, `secret.not_found`
 */
export async function openQuery(
  deps: Pick<SourceDeps, 'queries' | 'secrets'>,
  request: SourceRequest,
  source: Extract<DatasetSource, { format: 'postgres' }>,
): Promise<Source> {
  const { dataset, schema, scratch, after, signal, onRead } = request
  const url = await deps.secrets.get(source.connection)
  const input = { url, query: source.query, ...(after && { from: after }) }
  const path = join(scratch, 'query.ndjson')
  async function* batches(): AsyncGenerator<TextBatch> {
    for await (const batch of deps.queries.read(input, { signal })) yield selected(dataset, schema, batch)
  }
  await writeTextRows(path, batches(), { onRead, signal })
  const [{ size: bytes }, digest] = [await stat(path), await digestFile(path, signal)]
  const name = `postgres:${source.connection}`
  return { path: name, format: 'text-rows', ...summaryOf([{ path, name, bytes, digest }]) }
}

function selected(dataset: string, schema: DatasetDefinition['schema'], batch: QueryBatch): TextBatch {
  const columns = Object.keys(schema)
  const places = columns.map((column) => {
    const place = batch.columns.findIndex(({ name }) => name === column)
    const type = batch.columns[place]?.type
    const expected = schema[column]
    if (type !== undefined && accepted[expected].includes(type)) return place
    const found =
      type === undefined
        ? `no such column (it has ${batch.columns.map(({ name }) => name).join(', ')})`
        : `${type} values`
    throw fail('dataset.schema_mismatch', { dataset, column, expected, found })
  })
  return { columns, rows: batch.rows.map((row) => places.map((place) => row[place])) }
}
