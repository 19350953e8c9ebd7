import type { BinnedTable } from '../binned-table.ts'
import type { Kernels } from '../kernels/kernels.ts'

/** Adds rows to the histogram at an address. */
export type AddRows = (rows: number, count: number, histogram: number) => void

export const createAddRows =
  ({ features, byRow, narrow }: BinnedTable, kernels: Kernels, gradients: number): AddRows =>
  (rows, count, histogram) => {
    if (count === 0) return
    if (narrow > 0) kernels.addRows(byRow, narrow, narrow, rows, count, gradients, histogram)
    for (const { shift, mask, column, histogram: part } of features)
      if (shift === 1) kernels.addColumn(column, shift, mask, rows, count, gradients, histogram + part)
  }
