import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ColumnType,
  type DatasetDefinition,
  type DatasetSource,
  fail,
  isPlatformError,
} from '@millrace/protocol'
import { digestFile } from '../part.ts'
import type { Source, SourceDeps, SourceRequest } from './source.ts'
import { summaryOf } from './source-files.ts'
import { microsecondText, type TextBatch, writeTextRows } from './text-rows.ts'

type Batch = readonly Record<string, unknown>[] | Readonly<Record<string, readonly unknown[]>>

/**
 * Runs the project's function and keeps the rows that it yields as a file.
 * @throws `dataset.schema_mismatch` naming the row and the column; `dataset.source_unreadable` if the function throws,
 * or if code of projects does not run in this process
 */
export async function openFunction(
  deps: Pick<SourceDeps, 'definitions'>,
  request: SourceRequest,
  { code }: Extract<DatasetSource, { format: 'function' }>,
): Promise<Source> {
  const { dataset, schema, scratch, after, mayRunCode, signal, onRead } = request
  const name = `function:${dataset}`
  const unreadable = (reason: string, cause?: unknown) =>
    fail('dataset.source_unreadable', { dataset, path: name, reason }, cause)
  if (!mayRunCode) {
    throw unreadable(
      'a function of the project makes its rows, which runs in the step "ingest" of a pipeline and not in the server',
    )
  }
  const compute = await deps.definitions.loadFunction(code, 'dataset', dataset)
  const path = join(scratch, 'generated.ndjson')
  async function* batches(): AsyncGenerator<TextBatch> {
    let rows = 0
    const context = {
      after: after && (after.isTime ? new Date(Number(after.value)) : numberUpTo(after.value)),
      signal,
    }
    for await (const batch of called(() => compute(context), unreadable)) {
      const text = toText(dataset, schema, batch, rows)
      rows += text.rows.length
      yield text
    }
  }
  await writeTextRows(path, batches(), { onRead, signal })
  const [{ size: bytes }, digest] = [await stat(path), await digestFile(path, signal)]
  return { path: name, format: 'text-rows', ...summaryOf([{ path, name, bytes, digest }]) }
}

/** A number of JavaScript that is not above, and near: whole numbers may have more digits. */
function numberUpTo(value: bigint): number {
  const near = Number(value)
  if (BigInt(near) <= value) return near
  // Beyond 2^53 neighbours differ by 2^-52 of themselves at most.
  return near - 2 ** (Math.floor(Math.log2(Math.abs(near))) - 52)
}

/** What the function yields; what it throws is the source's fault. */
async function* called(
  compute: () => unknown,
  unreadable: (reason: string, cause?: unknown) => Error,
): AsyncGenerator<Batch> {
  try {
    const made = (await compute()) as AsyncIterable<Batch> | Iterable<Batch>
    if (
      typeof made !== 'object' ||
      made === null ||
      !(Symbol.asyncIterator in made || Symbol.iterator in made)
    )
      throw unreadable('the function should yield batches of rows, such as an async generator does')
    yield* made
  } catch (error) {
    if (isPlatformError(error)) throw error
    throw unreadable(`the function failed: ${error instanceof Error ? error.message : String(error)}`, error)
  }
}

function toText(
  dataset: string,
  schema: DatasetDefinition['schema'],
  batch: Batch,
  before: number,
): TextBatch {
  const columns = Object.keys(schema)
  const refuse = (column: string, row: number, found: string) =>
    fail('dataset.schema_mismatch', {
      dataset,
      column,
      expected: schema[column],
      found: `${found} in row ${before + row + 1}`,
    })
  const count = Array.isArray(batch) ? batch.length : columnLength(batch, columns, refuse)
  const valueAt = (row: number, column: string): unknown =>
    Array.isArray(batch)
      ? (batch[row] as Record<string, unknown> | null)?.[column]
      : (batch as Record<string, readonly unknown[]>)[column][row]
  const rows: (string | null)[][] = []
  for (let row = 0; row < count; row++) {
    rows.push(
      columns.map((column) => {
        const value = valueAt(row, column)
        const text = textOf(value, schema[column])
        if (text === undefined) throw refuse(column, row, describe(value))
        return text
      }),
    )
  }
  return { columns, rows }
}

function columnLength(
  batch: Batch,
  columns: readonly string[],
  refuse: (column: string, row: number, found: string) => Error,
): number {
  const lists = (batch ?? {}) as Record<string, readonly unknown[] | undefined>
  const count = lists[columns[0]]?.length ?? 0
  for (const column of columns) {
    const { length } = lists[column] ?? {}
    if (length === undefined) throw refuse(column, 0, 'no such column')
    if (length !== count) throw refuse(column, Math.min(length, count), 'another number of values')
  }
  return count
}

/** Undefined if the value is none of the type. */
function textOf(value: unknown, type: ColumnType): string | null | undefined {
  if (value === null) return null
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? String(value) : undefined
    case 'int64': {
      const isWhole = typeof value === 'number' && Number.isSafeInteger(value)
      return isWhole || typeof value === 'bigint' ? String(value) : undefined
    }
    case 'float64':
      return typeof value === 'number' ? String(value) : undefined
    case 'timestamp': {
      const ms = value instanceof Date ? value.getTime() : Number.NaN
      return Number.isNaN(ms) ? undefined : microsecondText(BigInt(ms) * 1000n)
    }
  }
}

function describe(value: unknown): string {
  if (value === undefined) return 'no value (null is one)'
  if (value instanceof Date) return 'an invalid date'
  return `${typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value).slice(0, 100)}`}`
}
