import type { Column } from '../frame.ts'

/** The column in memory that workers can share; copied unless it lies there already. */
export const shareColumn = (column: Column): Column => {
  const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes)
  const values = column.kind === 'categorical' ? column.codes : column.values
  if (values.buffer instanceof SharedArrayBuffer) return column
  if (column.kind === 'categorical') {
    const codes = new Int32Array(shared(values.byteLength))
    codes.set(column.codes)
    return { ...column, codes }
  }
  if (column.kind === 'numeric') {
    const copy = new Float32Array(shared(values.byteLength))
    copy.set(column.values)
    return { kind: 'numeric', values: copy }
  }
  if (column.kind === 'boolean') {
    const copy = new Int8Array(shared(values.byteLength))
    copy.set(column.values)
    return { kind: 'boolean', values: copy }
  }
  const copy = new Float64Array(shared(values.byteLength))
  copy.set(column.values)
  return { kind: 'timestamp', values: copy }
}
