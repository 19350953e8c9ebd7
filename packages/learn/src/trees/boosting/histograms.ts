import type { BinnedTable } from '../binned-table.ts'
import type { Kernels } from '../kernels/kernels.ts'
import type { WorkViews } from './views.ts'
import { parameter, rowsPerPiece } from './work.ts'

/** Adds rows to the histogram at an address. */
export type AddRows = (rows: number, count: number, histogram: number) => void

export const createAddRows =
  (
    { features, byRow }: BinnedTable,
    kernels: Kernels,
    gradients: number,
    { parameters, places }: WorkViews,
  ): AddRows =>
  (rows, count, histogram) => {
    if (count === 0) return
    const narrow = parameters[parameter.narrow]
    if (narrow > 0) kernels.addRows(byRow, narrow, narrow, rows, count, gradients, histogram)
    for (let feature = 0; feature < features.length; feature += 1) {
      const { shift, mask, column } = features[feature]
      if (shift === 1 && places[feature] >= 0)
        kernels.addColumn(column, shift, mask, rows, count, gradients, histogram + places[feature])
    }
  }

/**
 * Says where the drawn features (1) are in the tree's histograms: first those of one byte, in their order. Returns
 * whether the bins have to be put together anew, row by row.
 */
export const placeFeatures = (
  { features }: BinnedTable,
  { parameters, places }: WorkViews,
  drawn: Uint8Array,
): boolean => {
  let end = 0
  for (const shift of [0, 1])
    for (let feature = 0; feature < features.length; feature += 1) {
      if (features[feature].shift !== shift) continue
      places[feature] = drawn[feature] === 1 ? end : -1
      if (drawn[feature] === 1) end += shift === 0 ? 4096 : features[feature].bins * 16
      if (shift === 0) parameters[parameter.narrow] = end / 4096
    }
  return drawn.includes(0)
}

/** Rows whose bins stay in the cache while they are written column by column. */
const rowsPerBlock = 1024

/** Puts the bins of the drawn features of one byte together, row by row, for the rows of a piece. */
export const gatherBins = (
  { features, byRow, rows }: BinnedTable,
  kernels: Kernels,
  { parameters, places }: WorkViews,
  piece: number,
): void => {
  const narrow = parameters[parameter.narrow]
  const end = Math.min((piece + 1) * rowsPerPiece, rows)
  for (let begin = piece * rowsPerPiece; begin < end; begin += rowsPerBlock) {
    const count = Math.min(rowsPerBlock, end - begin)
    for (let feature = 0; feature < features.length; feature += 1) {
      const { shift, column } = features[feature]
      if (shift === 0 && places[feature] >= 0)
        kernels.spread(column + begin, count, byRow + begin * narrow + places[feature] / 4096, narrow)
    }
  }
}
