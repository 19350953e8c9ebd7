import { checkInteger } from '../check-integer.ts'
import type { Frame } from '../frame.ts'
import { createEncoders } from '../preprocessing/encode.ts'
import type { Preprocessor } from '../preprocessing/preprocessor.ts'
import { findEdges } from './edges.ts'

/** The training table as one byte per cell, in memory that worker threads can share. */
export type BinnedTable = {
  readonly rows: number
  readonly features: number
  /** Column after column: the bin of row r, feature f is `bins[f * rows + r]`. */
  readonly bins: Uint8Array
  /** For each feature its ascending bin edges; see `findEdges`. */
  readonly edges: readonly Float32Array[]
  /** 0 or 1 for each row. */
  readonly labels: Uint8Array
}

const writeBins = (values: Float32Array, edges: Float32Array, out: Uint8Array): void => {
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row]
    let low = 0
    let high = edges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (edges[middle] < value) low = middle + 1
      else high = middle
    }
    out[row] = low
  }
}

export type BinOptions = { readonly maxBins?: number; readonly seed?: number }

/** Encodes and bins every column; needs rows × features bytes plus one float32 column. */
export const binFrame = (
  frame: Frame,
  preprocessor: Preprocessor,
  { maxBins = 255, seed = 0 }: BinOptions,
): Omit<BinnedTable, 'labels'> => {
  checkInteger('maxBins', maxBins, [2, 255])
  const encoders = createEncoders(preprocessor, frame)
  const { rows } = frame
  const bins = new Uint8Array(new SharedArrayBuffer(rows * encoders.length))
  const column = new Float32Array(rows)
  const edges = encoders.map((encode, feature) => {
    encode(0, rows, { out: column, offset: 0, stride: 1 })
    const featureEdges = findEdges(column, { maxBins, seed })
    writeBins(column, featureEdges, bins.subarray(feature * rows, (feature + 1) * rows))
    return featureEdges
  })
  return { rows, features: encoders.length, bins, edges }
}
