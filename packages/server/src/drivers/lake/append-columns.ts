import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api'
import { quoteName } from '../../kernel/sql.ts'
import type { LakeColumn, LakeColumns } from '../../ports/lake.ts'

/** Rows per chunk: the engine's vector size. */
const chunkRows = 2048
const types: Record<LakeColumn['kind'], DuckDBType> = {
  number: DOUBLE,
  boolean: BOOLEAN,
  timestamp: TIMESTAMP,
  string: VARCHAR,
}

/** Makes or replaces `table` and fills it chunk by chunk, a column at a time. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  { rows, columns }: LakeColumns,
): Promise<void> {
  const list = columns.map(({ name, kind }) => `${quoteName(name)} ${types[kind]}`)
  await connection.run(`CREATE OR REPLACE TABLE ${quoteName(table)} (${list.join(', ')})`)
  const appender = await connection.createAppender(table)
  const chunk = DuckDBDataChunk.create(columns.map(({ kind }) => types[kind]))
  for (let start = 0; start < rows; start += chunkRows) {
    const count = Math.min(chunkRows, rows - start)
    chunk.reset()
    chunk.rowCount = count
    for (const [i, column] of columns.entries()) {
      const vector = chunk.getColumnVector(i)
      for (let row = 0; row < count; row++) vector.setItem(row, valueAt(column, start + row))
      vector.flush()
    }
    appender.appendDataChunk(chunk)
    // Lets the event loop turn: one chunk takes well under a millisecond.
    if (start % (chunkRows * 16) === 0) await new Promise(setImmediate)
  }
  appender.closeSync()
}

function valueAt(column: LakeColumn, row: number): DuckDBValue {
  if (column.kind === 'string') {
    const code = column.codes[row]
    return code < 0 ? null : column.dictionary[code]
  }
  const value = column.values[row]
  if (Number.isNaN(value)) return null
  if (column.kind === 'boolean') return value !== 0
  return column.kind === 'timestamp' ? new DuckDBTimestampValue(BigInt(Math.round(value * 1000))) : value
}
