import type { Column } from '../frame.ts'
import type { JobMaker } from '../team.ts'
import type { BinnedTable } from './binned-table.ts'
import { type KernelMemory, loadKernels } from './kernels/kernels.ts'

/** A column of the table, and its values: one part after the other. */
export interface BinnedColumn {
  readonly feature: number
  readonly parts: readonly Column[]
}

export interface BinningWork {
  readonly memory: KernelMemory
  readonly table: BinnedTable
  /** What is binned; in shared memory if several threads work. */
  readonly columns: readonly BinnedColumn[]
  /** Address of a block of values for each member: float32, or codes as int32. */
  readonly values: number
  /** Address of 256 float32 for each feature: its edges, filled up with infinity. */
  readonly edges: number
}

/** A piece is that many rows. */
export const rowsPerPiece = 16_384
/** Rows whose bins, row by row, stay in the cache while they are written column by column. */
export const rowsPerBlock = 1024

/** Copies rows of a part: numbers as they are, booleans as numbers, categories as codes. */
const copyValues = (column: Column, first: number, floats: Float32Array, codes: Int32Array): void => {
  const end = first + floats.length
  if (column.kind === 'numeric') floats.set(column.values.subarray(first, end))
  else if (column.kind === 'categorical') codes.set(column.codes.subarray(first, end))
  else if (column.kind === 'boolean')
    for (let at = 0; at < floats.length; at += 1) {
      const value = column.values[first + at]
      floats[at] = value < 0 ? Number.NaN : value
    }
}

const lengthOf = (column: Column): number =>
  column.kind === 'categorical' ? column.codes.length : column.values.length

export const binningJob: JobMaker<BinningWork> = ({ memory, table, columns, values, edges }, { index }) => {
  const kernels = loadKernels(memory)
  const { buffer } = memory
  const { rows, features, byRow, narrow } = table
  const own = values + index * rowsPerBlock * 4
  const floats = new Float32Array(buffer, own, rowsPerBlock)
  const codes = new Int32Array(buffer, own, rowsPerBlock)
  const places = features.map(
    (_, feature) => features.slice(0, feature).filter((one) => one.shift === 0).length,
  )

  const readBlock = (parts: readonly Column[], begin: number, count: number): void => {
    let first = begin
    let done = 0
    for (const part of parts) {
      const here = Math.min(count - done, Math.max(0, lengthOf(part) - first))
      if (here > 0)
        copyValues(part, first, floats.subarray(done, done + here), codes.subarray(done, done + here))
      done += here
      first = Math.max(0, first - lengthOf(part))
    }
  }

  const binBlock = (feature: number, begin: number, count: number): void => {
    const { column, shift, edges: ofNumbers } = features[feature]
    const to = column + (begin << shift)
    if (ofNumbers !== undefined) {
      const steps = Math.max(1, Math.ceil(Math.log2(ofNumbers.length + 1)))
      kernels.bin(own, count, edges + feature * 1024, steps, to, shift)
    } else {
      const bins = shift === 0 ? new Uint8Array(buffer, to, count) : new Uint16Array(buffer, to, count)
      for (let at = 0; at < count; at += 1) bins[at] = codes[at] + 1
    }
    if (byRow !== 0 && shift === 0)
      kernels.spread(to, count, byRow + begin * narrow + places[feature], narrow)
  }

  return (_, piece) => {
    const end = Math.min((piece + 1) * rowsPerPiece, rows)
    for (let begin = piece * rowsPerPiece; begin < end; begin += rowsPerBlock) {
      const count = Math.min(rowsPerBlock, end - begin)
      for (const { feature, parts } of columns) {
        readBlock(parts, begin, count)
        binBlock(feature, begin, count)
      }
    }
  }
}
