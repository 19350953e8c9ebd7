import { createReadStream } from 'node:fs'
import { type DatasetDefinition, fail } from '@millrace/protocol'
import {
  type Schema as ArrowSchema,
  DataType,
  type Field,
  RecordBatchReader,
  TimeUnit,
  type Vector,
} from 'apache-arrow'
import { fitsType } from '../column-types.ts'
import { registerCodecs } from './arrow-codecs.ts'
import { microsecondText, type TextBatch } from './text-rows.ts'

/** Rows that are turned into text at once: batches of a file may be large. */
const rowsAtOnce = 5000

/**
 * The rows of an Arrow IPC file or stream, batch by batch, with the columns of the schema.
 * @throws `dataset.schema_mismatch`, `dataset.source_unreadable`
 */
export async function* readArrow(
  definition: Pick<DatasetDefinition, 'name' | 'schema'>,
  file: { path: string; name: string },
): AsyncGenerator<TextBatch> {
  const { name: dataset, schema } = definition
  const columns = Object.keys(schema)
  registerCodecs()
  const stream = createReadStream(file.path, { highWaterMark: 1 << 20 })
  try {
    const reader = await RecordBatchReader.from(stream)
    await reader.open()
    const found = arrowTypes(reader.schema)
    for (const column of columns) {
      const type = found.get(column)
      const expected = schema[column]
      if (type !== undefined && fitsType(type, expected)) continue
      const what = type ?? `no such column (it has ${[...found.keys()].slice(0, 50).join(', ')})`
      throw fail('dataset.schema_mismatch', { dataset, column, expected, found: what })
    }
    for await (const batch of reader) {
      const texts = columns.map((column) => textReader(batch.getChild(column) as Vector))
      for (let start = 0; start < batch.numRows; start += rowsAtOnce) {
        const end = Math.min(start + rowsAtOnce, batch.numRows)
        const rows: (string | null)[][] = []
        for (let row = start; row < end; row++) rows.push(texts.map((text) => text(row)))
        yield { columns, rows }
      }
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('dataset.')) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw fail(
      'dataset.source_unreadable',
      { dataset, path: file.name, reason: `as Arrow: ${reason}` },
      error,
    )
  } finally {
    stream.destroy()
  }
}

/** Columns of an Arrow schema with the lake's types. */
export function arrowTypes(schema: ArrowSchema): Map<string, string> {
  return new Map(schema.fields.map((field: Field) => [field.name, typeOf(field.type as DataType)]))
}

function typeOf(type: DataType): string {
  if (DataType.isDictionary(type)) return typeOf(type.dictionary as DataType)
  if (DataType.isNull(type)) return '"NULL"'
  if (DataType.isInt(type)) return 'BIGINT'
  if (DataType.isFloat(type)) return 'DOUBLE'
  if (DataType.isBool(type)) return 'BOOLEAN'
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return 'VARCHAR'
  if (DataType.isTimestamp(type) || DataType.isDate(type)) return 'TIMESTAMP'
  return String(type)
}

/** Reads values of a column as text; times from their own units, so that microseconds stay. */
function textReader(vector: Vector): (row: number) => string | null {
  const { type } = vector
  if (DataType.isTimestamp(type)) {
    const [data] = vector.data
    const values = data.values as BigInt64Array
    const { unit } = type
    return (row) => (vector.isValid(row) ? microsecondText(microseconds(values[row], unit)) : null)
  }
  if (DataType.isDate(type)) {
    return (row) => {
      const value = vector.get(row) as number | Date | null
      return value === null ? null : microsecondText(BigInt(Math.round(Number(value))) * 1000n)
    }
  }
  return (row) => {
    const value = vector.get(row) as unknown
    return value === null ? null : String(value)
  }
}

function microseconds(value: bigint, unit: TimeUnit): bigint {
  if (unit === TimeUnit.SECOND) return value * 1_000_000n
  if (unit === TimeUnit.MILLISECOND) return value * 1000n
  if (unit === TimeUnit.MICROSECOND) return value
  return value / 1000n
}
