import type { BinnedFeature } from '../binned-table.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { entryBytes, type ForestWork, type MemberMemory } from './work.ts'

/** The histogram of one column over the rows of a node. */
export interface ColumnSums {
  /** How many bins the histogram has, that of missing values (the first) included. */
  bins: number
  /** The bin of the column that stands at a place of the histogram. */
  readonly binAt: (place: number) => number
  /** The last place whose bin is not behind this one. */
  readonly placeOf: (bin: number) => number
}

export type SumColumn = (feature: BinnedFeature, begin: number, count: number) => void

/**
 * Sums columns into the member's histogram. That of a node with few rows has the bins that occur alone: most of a
 * deep tree's nodes have a handful of rows, and clearing and looking through 256 bins would be most of the work.
 */
export const createSumColumn = (
  work: ForestWork,
  kernels: Kernels,
  memory: MemberMemory,
): { readonly sum: SumColumn; readonly sums: ColumnSums } => {
  const { buffer } = work.memory
  const entries = new Int32Array(buffer)
  const bytes = new Uint8Array(buffer)
  const entry = entryBytes(work)
  const ints = entry / 4
  const first = memory.histogram / 4
  const rows = memory.rows / 4
  const payload = memory.payload / 4
  const placeOfBin = new Uint16Array(65_536)
  const used = new Uint16Array(65_536)
  let compact = false

  const sums: ColumnSums = {
    bins: 0,
    binAt: (place) => (compact && place > 0 ? used[place] : place),
    placeOf(bin) {
      if (!compact) return bin
      let place = sums.bins - 1
      while (place > 0 && used[place] > bin) place -= 1
      return place
    },
  }

  const binOf = ({ column, shift }: BinnedFeature, row: number): number =>
    shift === 0 ? bytes[column + row] : bytes[column + row * 2] | (bytes[column + row * 2 + 1] << 8)

  /** Lists the bins of some rows, ascending from place 1. */
  const listUsed = (feature: BinnedFeature, begin: number, count: number): number => {
    let places = 0
    for (let at = rows + begin; at < rows + begin + count; at += 1) {
      const bin = binOf(feature, entries[at])
      if (bin === 0 || placeOfBin[bin] !== 0) continue
      placeOfBin[bin] = 1
      let place = places + 1
      while (place > 1 && used[place - 1] > bin) {
        used[place] = used[place - 1]
        place -= 1
      }
      used[place] = bin
      places += 1
    }
    return places
  }

  const sumFew = (feature: BinnedFeature, begin: number, count: number): void => {
    const places = listUsed(feature, begin, count)
    for (let place = 1; place <= places; place += 1) placeOfBin[used[place]] = place
    entries.fill(0, first, first + (places + 1) * ints)
    for (let at = rows + begin; at < rows + begin + count; at += 1) {
      const row = entries[at]
      const to = first + placeOfBin[binOf(feature, row)] * ints
      const value = entries[payload + row * 2]
      const weight = entries[payload + row * 2 + 1]
      if (work.sums === 'numbers') {
        entries[to] += value
        entries[to + 1] += weight
        entries[to + 2] += 1
      } else {
        entries[to] += 1
        entries[to + 1 + value] += weight
      }
    }
    for (let place = 1; place <= places; place += 1) placeOfBin[used[place]] = 0
    sums.bins = places + 1
  }

  const sum: SumColumn = (feature, begin, count) => {
    const { column, shift, mask, bins } = feature
    compact = count * 4 <= bins && count <= 256
    if (compact) {
      sumFew(feature, begin, count)
      return
    }
    sums.bins = bins
    entries.fill(0, first, first + bins * ints)
    const at = memory.rows + begin * 4
    if (work.sums === 'numbers')
      kernels.addColumn(column, shift, mask, at, count, memory.payload, memory.histogram)
    else kernels.addClasses(column, shift, mask, at, count, memory.payload, memory.histogram, entry)
  }
  return { sum, sums }
}
