import type { ColumnType } from '@millrace/protocol'
import {
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  Int64,
  makeData,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow'

const types: Record<ColumnType, () => DataType> = {
  string: () => new Utf8(),
  boolean: () => new Bool(),
  int64: () => new Int64(),
  float64: () => new Float64(),
  timestamp: () => new TimestampMicrosecond(),
}

export function arrowSchema(columns: readonly { name: string; type: ColumnType }[]): Schema {
  return new Schema(columns.map(({ name, type }) => new Field(name, types[type](), true)))
}

export function toStruct(schema: Schema, length: number, children: Data<DataType>[]): Data<Struct> {
  return makeData({ type: new Struct(schema.fields), length, nullCount: 0, children })
}

/** Which rows have a value, one bit each. */
function validity(length: number, isMissing: (row: number) => boolean) {
  const nullBitmap = new Uint8Array(Math.ceil(length / 8))
  let nullCount = 0
  for (let row = 0; row < length; row++) {
    if (isMissing(row)) nullCount++
    else nullBitmap[row >> 3] |= 1 << (row & 7)
  }
  return { length, nullCount, nullBitmap }
}

/** NaN is missing, as everywhere in training sets. */
const missingIn = (values: Float64Array) => validity(values.length, (row) => Number.isNaN(values[row]))

export function floatData(values: Float64Array): Data<Float64> {
  return makeData({ type: new Float64(), ...missingIn(values), data: values })
}

export function boolData(values: Float64Array): Data<Bool> {
  const data = new Uint8Array(Math.ceil(values.length / 8))
  for (let row = 0; row < values.length; row++) if (values[row] === 1) data[row >> 3] |= 1 << (row & 7)
  return makeData({ type: new Bool(), ...missingIn(values), data })
}

/** Out of the upper and the lower half of each number. */
export function intData(high: Float64Array, low: Float64Array): Data<Int64> {
  return makeData({ type: new Int64(), ...missingIn(high), data: joinHalves(high, low) })
}

export function timeData(high: Float64Array, low: Float64Array): Data<TimestampMicrosecond> {
  return makeData({ type: new TimestampMicrosecond(), ...missingIn(high), data: joinHalves(high, low) })
}

function joinHalves(high: Float64Array, low: Float64Array): BigInt64Array {
  const joined = new BigInt64Array(high.length)
  const view = new DataView(joined.buffer)
  for (let row = 0; row < high.length; row++) {
    // Of NaN both are 0.
    view.setUint32(8 * row, low[row], true)
    view.setInt32(8 * row + 4, high[row], true)
  }
  return joined
}

export function textData(column: { codes: Int32Array; dictionary: readonly string[] }): Data<Utf8> {
  const { codes } = column
  const encoder = new TextEncoder()
  const texts = column.dictionary.map((text) => encoder.encode(text))
  const valueOffsets = new Int32Array(codes.length + 1)
  for (let row = 0; row < codes.length; row++) {
    valueOffsets[row + 1] = valueOffsets[row] + (texts[codes[row]]?.length ?? 0)
  }
  const data = new Uint8Array(valueOffsets[codes.length])
  for (let row = 0; row < codes.length; row++) {
    const text = texts[codes[row]]
    if (text) data.set(text, valueOffsets[row])
  }
  return makeData({
    type: new Utf8(),
    ...validity(codes.length, (row) => codes[row] < 0),
    valueOffsets,
    data,
  })
}
