import type { Column, Frame } from '../frame.ts'
import type { JobMaker } from '../team.ts'
import { findBinEdges } from './bin-edges.ts'
import type { BinnedTable, TableOptions } from './binned-table.ts'
import { type KernelMemory, loadKernels } from './kernels/kernels.ts'

/** The values of the sampled rows, and room for the edges that are made from them; all in shared memory. */
export interface EdgeWork {
  readonly columns: number
  readonly sampled: number
  readonly maxBins: number
  readonly values: Float32Array
  readonly weights?: Float64Array
  /** For each column the number of edges, then up to 254 of them. */
  readonly edges: Float32Array
}

const edgesPerColumn = 256

const pick = (column: Column, rows: Uint32Array, out: Float32Array): void => {
  if (column.kind === 'numeric') for (let at = 0; at < rows.length; at += 1) out[at] = column.values[rows[at]]
  if (column.kind === 'boolean')
    for (let at = 0; at < rows.length; at += 1) {
      const value = column.values[rows[at]]
      out[at] = value < 0 ? Number.NaN : value
    }
}

export const createEdgeWork = (
  frame: Frame,
  sample: Uint32Array,
  { maxBins, weights }: Pick<TableOptions, 'maxBins' | 'weights'>,
): EdgeWork => {
  const columns = Object.values(frame.columns)
  const values = new Float32Array(new SharedArrayBuffer(columns.length * sample.length * 4))
  columns.forEach((column, index) => {
    pick(column, sample, values.subarray(index * sample.length, (index + 1) * sample.length))
  })
  return {
    columns: columns.length,
    sampled: sample.length,
    maxBins,
    values,
    weights: weights && Float64Array.from(sample, (row) => weights[row]),
    edges: new Float32Array(new SharedArrayBuffer(columns.length * edgesPerColumn * 4)),
  }
}

/** Piece c finds the edges of column c. */
export const edgeJob: JobMaker<EdgeWork> =
  ({ sampled, maxBins, values, weights, edges }) =>
  (_, column) => {
    const found = findBinEdges(values.slice(column * sampled, (column + 1) * sampled), maxBins, weights)
    edges[column * edgesPerColumn] = found.length
    edges.set(found, column * edgesPerColumn + 1)
    return undefined
  }

export const readEdges = ({ edges }: EdgeWork, column: number): Float32Array => {
  const begin = column * edgesPerColumn + 1
  return new Float32Array(edges.subarray(begin, begin + edges[begin - 1]))
}

export interface BinningWork {
  readonly memory: KernelMemory
  readonly table: BinnedTable
  /** Address of the values of the column that is being binned: float32, or its codes as int32. */
  readonly values: number
  /** Address of its edges, filled up with infinity to 255. */
  readonly edges: number
}

/** Commands: copy the bins of all features row by row; `bin` + f: bin feature f. */
export const byRow = 0
export const bin = 1

/** A piece of the commands is that many rows. */
export const rowsPerPiece = 16_384
/** Rows whose bins, row by row, stay in the cache while they are written feature by feature. */
const rowsPerBlock = 512

export const binningJob: JobMaker<BinningWork> = ({ memory, table, values, edges }) => {
  const kernels = loadKernels(memory)
  const { buffer } = memory
  const { rows, features } = table
  const binColumn = (feature: number, begin: number, count: number): void => {
    const { column, shift, edges: ofNumbers } = features[feature]
    const from = values + begin * 4
    const to = column + (begin << shift)
    if (ofNumbers !== undefined) {
      const steps = Math.max(1, Math.ceil(Math.log2(ofNumbers.length + 1)))
      kernels.bin(from, count, edges, steps, to, shift)
      return
    }
    const codes = new Int32Array(buffer, from, count)
    const bins = shift === 0 ? new Uint8Array(buffer, to, count) : new Uint16Array(buffer, to, count)
    for (let at = 0; at < count; at += 1) bins[at] = codes[at] + 1
  }
  const copyByRow = (begin: number, end: number): void => {
    for (let block = begin; block < end; block += rowsPerBlock) {
      const count = Math.min(rowsPerBlock, end - block)
      let place = table.byRow + block * table.narrow
      for (const { column, shift } of features) {
        if (shift !== 0) continue
        kernels.spread(column + block, count, place, table.narrow)
        place += 1
      }
    }
  }
  return (command, piece) => {
    const begin = piece * rowsPerPiece
    const end = Math.min(begin + rowsPerPiece, rows)
    if (command === byRow) copyByRow(begin, end)
    else binColumn(command - bin, begin, end - begin)
  }
}
