import type { Column } from '../frame.ts'
import type { JobMaker } from '../team.ts'
import { findBinEdges } from './bin-edges.ts'
import { createValueSorter } from './sort-values.ts'

/** Columns to find the bin edges of, and room for these; in shared memory if several threads work. */
export interface EdgeWork {
  readonly columns: readonly Column[]
  /** The rows of a column that are looked at, `sampled` of them. */
  readonly samples: readonly (Uint32Array | undefined)[]
  readonly sampled: number
  readonly maxBins: number
  /** Of the sampled rows. */
  readonly weights?: Float64Array
  /** For each column the number of edges, then up to 254 of them. */
  readonly edges: Float32Array
}

const edgesPerColumn = 256

const pick = (values: Float32Array | Int8Array, sample: Uint32Array | undefined, out: Float32Array): void => {
  const isBoolean = values instanceof Int8Array
  for (let at = 0; at < out.length; at += 1) {
    const value = values[sample === undefined ? at : sample[at]]
    out[at] = isBoolean && value < 0 ? Number.NaN : value
  }
}

/** A column of the sampled rows alone, in memory that threads share. */
const shareSample = (column: Column, sample: Uint32Array | undefined, sampled: number): Column => {
  if (column.kind !== 'numeric' && column.kind !== 'boolean') return column
  const values = new Float32Array(new SharedArrayBuffer(sampled * 4))
  pick(column.values, sample, values)
  return { kind: 'numeric', values }
}

/** Without the columns that have no edges, whose codes need not be posted. */
const noColumn: Column = { kind: 'numeric', values: new Float32Array(0) }

export const isShared = (column: Column): boolean =>
  (column.kind === 'categorical' ? column.codes : column.values).buffer instanceof SharedArrayBuffer

export const createEdgeWork = (
  columns: readonly Column[],
  rows: number,
  sample: Uint32Array | undefined,
  {
    maxBins,
    weights,
    members,
  }: { readonly maxBins: number; readonly weights?: Float64Array; readonly members: number },
): EdgeWork => {
  const sampled = sample?.length ?? rows
  const places = columns.map((column) => {
    if (column.kind === 'categorical') return { column: noColumn, sample: undefined }
    return members === 1 || isShared(column)
      ? { column, sample }
      : { column: shareSample(column, sample, sampled), sample: undefined }
  })
  return {
    columns: places.map(({ column }) => column),
    samples: places.map((place) => place.sample),
    sampled,
    maxBins,
    weights: weights && (sample === undefined ? weights : Float64Array.from(sample, (row) => weights[row])),
    edges: new Float32Array(new SharedArrayBuffer(columns.length * edgesPerColumn * 4)),
  }
}

/** Piece c finds the edges of column c. */
export const edgeJob: JobMaker<EdgeWork> = ({ columns, samples, sampled, maxBins, weights, edges }) => {
  const sort = createValueSorter(sampled)
  const picked = new Float32Array(sampled)
  return (_, index) => {
    const column = columns[index]
    if (column.kind !== 'numeric' && column.kind !== 'boolean') return undefined
    if (column.values.length === 0) return undefined
    pick(column.values, samples[index], picked)
    const found = findBinEdges(sort(picked, weights), maxBins)
    edges[index * edgesPerColumn] = found.length
    edges.set(found, index * edgesPerColumn + 1)
    return undefined
  }
}

export const readEdges = ({ edges }: EdgeWork, column: number): Float32Array => {
  const begin = column * edgesPerColumn + 1
  return new Float32Array(edges.subarray(begin, begin + edges[begin - 1]))
}
