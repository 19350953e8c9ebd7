import type { ColumnType } from '@millrace/protocol'
import { type Data, type DataType, RecordBatch, RecordBatchFileWriter, type Schema } from 'apache-arrow'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeColumn } from '../../ports/lake.ts'
import { arrowSchema, boolData, floatData, intData, textData, timeData, toStruct } from './arrow-columns.ts'

/** As many as the engine puts into one group of rows of a Parquet file. */
const mostRowsAtOnce = 122_880
/** Wide sets go in shorter blocks: a value takes up to 24 bytes while it is converted. */
const mostValuesAtOnce = 4_000_000

interface Named {
  name: string
  type: ColumnType
}

/**
 * A Parquet file with the given columns as a file of Arrow IPC (Feather version 2), made while it is read: at most a
 * block of rows is in memory. Times are in microseconds and have no zone, as in the Parquet file; they are UTC.
 */
export async function* writeArrow(
  lake: Pick<Lake, 'columns'>,
  { path, rows, columns }: { path: string; rows: number; columns: readonly Named[] },
): AsyncGenerator<Uint8Array> {
  const schema = arrowSchema(columns)
  const writer = new RecordBatchFileWriter()
  const written = writer[Symbol.asyncIterator]()
  let next = written.next()
  const rowsAtOnce = Math.min(mostRowsAtOnce, Math.max(1, Math.floor(mostValuesAtOnce / columns.length)))
  for (let start = 0; start < rows || start === 0; start += rowsAtOnce) {
    const end = Math.min(rows, start + rowsAtOnce)
    writer.write(await readBatch(lake, { path, start, end, columns, schema }))
    // The writer keeps what nobody has taken.
    for (;;) {
      const found = await Promise.race([next, afterEvents()])
      if (found === undefined) break
      yield found.value
      next = written.next()
    }
  }
  writer.finish()
  for (let found = await next; !found.done; found = await written.next()) yield found.value
}

function afterEvents(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => resolve(undefined)))
}

async function readBatch(
  lake: Pick<Lake, 'columns'>,
  block: { path: string; start: number; end: number; columns: readonly Named[]; schema: Schema },
): Promise<RecordBatch> {
  const { path, start, end, columns, schema } = block
  const list = columns.flatMap(({ name, type }) => selected(quoteName(name), type))
  const found = await lake.columns(
    `SELECT ${list.map((sql, i) => `${sql} AS c${i}`).join(', ')}
     FROM read_parquet(${quoteText(path)}, file_row_number = true)
     WHERE file_row_number >= ${start} AND file_row_number < ${end} ORDER BY file_row_number`,
  )
  let place = 0
  const children = columns.map(({ type }): Data<DataType> => {
    const parts = found.columns.slice(place, place + selected('', type).length)
    place += parts.length
    return toData(parts, type)
  })
  return new RecordBatch(schema, toStruct(schema, found.rows, children))
}

/** Whole numbers of 64 bits come in halves: the lake's columns are doubles, which have 53. */
function selected(column: string, type: ColumnType): string[] {
  if (type === 'int64') return [`${column} >> 32`, `${column} & 4294967295`]
  if (type === 'timestamp') return [`epoch_us(${column}) >> 32`, `epoch_us(${column}) & 4294967295`]
  return [column]
}

function toData(parts: readonly LakeColumn[], type: ColumnType): Data<DataType> {
  const [column, low] = parts
  if (column.kind === 'string') return textData(column)
  if (type === 'boolean') return boolData(column.values)
  if (low?.kind !== 'number') return floatData(column.values)
  return type === 'timestamp' ? timeData(column.values, low.values) : intData(column.values, low.values)
}
