import {
  type DuckDBConnection,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBVector,
} from '@duckdb/node-api'
import { quoteName } from '../../kernel/sql.ts'
import type { LakeColumn, LakeColumns } from '../../ports/lake.ts'

interface Sink {
  add(vector: DuckDBVector<DuckDBValue>, count: number): void
  finish(): LakeColumn
}

/**
 * Streams a query into growing typed arrays. The engine itself turns all but text into doubles, NaN for null; a query
 * that has only doubles and text is planned once and run as it is.
 */
export async function readColumns(connection: DuckDBConnection, sql: string): Promise<LakeColumns> {
  let all: LakeColumns | undefined
  const take = async (part: LakeColumns) => {
    all = part
  }
  await readBatches(connection, sql, { rows: Number.POSITIVE_INFINITY, take, takesEmpty: true })
  if (!all) throw new TypeError('A query without a result was read as columns')
  return all
}

/** Hands a query over in parts of at least `rows` rows, the last one of fewer; an empty one only if it is wanted. */
export async function readBatches(
  connection: DuckDBConnection,
  sql: string,
  { rows: wanted, take, takesEmpty = false }: BatchOptions,
): Promise<void> {
  const statement = await connection.prepare(sql)
  try {
    const described: { name: string; type: DuckDBType }[] = []
    for (let i = 0; i < statement.columnCount; i++) {
      described.push({ name: statement.columnName(i), type: statement.columnType(i) })
    }
    const direct = described.every(({ type }) => isText(type) || type.typeId === DuckDBTypeId.DOUBLE)
    const list = described.map(({ name, type }) => `${asDouble(quoteName(name), type)} AS ${quoteName(name)}`)
    const result = direct
      ? await statement.stream()
      : await connection.stream(`SELECT ${list.join(', ')} FROM (${sql})`)
    const openSinks = () =>
      described.map(({ name, type }) => (isText(type) ? textSink(name) : numberSink(name, type)))
    let sinks = openSinks()
    let rows = 0
    for (
      let chunk = await result.fetchChunk();
      chunk && chunk.rowCount > 0;
      chunk = await result.fetchChunk()
    ) {
      for (const [i, sink] of sinks.entries()) sink.add(chunk.getColumnVector(i), chunk.rowCount)
      rows += chunk.rowCount
      if (rows < wanted) continue
      await take({ rows, columns: sinks.map((sink) => sink.finish()) })
      sinks = openSinks()
      rows = 0
    }
    if (rows > 0 || takesEmpty) await take({ rows, columns: sinks.map((sink) => sink.finish()) })
  } finally {
    statement.destroySync()
  }
}

interface BatchOptions {
  rows: number
  take(part: LakeColumns): Promise<void>
  takesEmpty?: boolean
}

function isText(type: DuckDBType): boolean {
  return type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.ENUM
}

function isTime(type: DuckDBType): boolean {
  return (
    type.typeId === DuckDBTypeId.TIMESTAMP ||
    type.typeId === DuckDBTypeId.TIMESTAMP_TZ ||
    type.typeId === DuckDBTypeId.DATE
  )
}

function asDouble(column: string, type: DuckDBType): string {
  if (isText(type)) return `CAST(${column} AS VARCHAR)`
  const number = isTime(type) ? `epoch_us(CAST(${column} AS TIMESTAMP)) / 1000` : `CAST(${column} AS DOUBLE)`
  return `coalesce(${number}, 'NaN'::DOUBLE)`
}

function numberSink(name: string, type: DuckDBType): Sink {
  const kind = isTime(type) ? 'timestamp' : type.typeId === DuckDBTypeId.BOOLEAN ? 'boolean' : 'number'
  let values = new Float64Array(2048)
  let length = 0
  return {
    add(vector, count) {
      if (length + count > values.length) values = new Float64Array(grown(values.buffer, length + count, 8))
      for (let i = 0; i < count; i++) values[length + i] = (vector.getItem(i) ?? Number.NaN) as number
      length += count
    },
    finish: () => ({ name, kind, values: new Float64Array(values.buffer.transfer(length * 8)) }),
  }
}

function textSink(name: string): Sink {
  const codeOf = new Map<string, number>()
  let codes = new Int32Array(2048)
  let length = 0
  return {
    add(vector, count) {
      if (length + count > codes.length) codes = new Int32Array(grown(codes.buffer, length + count, 4))
      for (let i = 0; i < count; i++) {
        const text = vector.getItem(i) as string | null
        let code = text === null ? -1 : codeOf.get(text)
        if (text !== null && code === undefined) {
          code = codeOf.size
          codeOf.set(text, code)
        }
        codes[length + i] = code ?? -1
      }
      length += count
    },
    finish: () => ({
      name,
      kind: 'string',
      codes: new Int32Array(codes.buffer.transfer(length * 4)),
      dictionary: [...codeOf.keys()],
    }),
  }
}

/** The buffer moved to one with room for `items`, at least half as large again: few moves, little slack. */
function grown(buffer: ArrayBuffer, items: number, bytes: number): ArrayBuffer {
  const wanted = Math.max(items * bytes, Math.ceil((buffer.byteLength * 1.5) / bytes) * bytes)
  return buffer.transfer(wanted)
}
