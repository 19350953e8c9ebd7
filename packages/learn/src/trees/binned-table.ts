import type { Frame } from '../frame.ts'
import type { Team } from '../team.ts'
import { sampleRows } from './bin-edges.ts'
import { type BinningWork, bin, byRow, createEdgeWork, readEdges, rowsPerPiece } from './binning.ts'
import type { Arena } from './kernels/arena.ts'

/** A column as bins: 0 for missing, then its values in their order, or category code + 1. */
export interface BinnedFeature {
  /** Address of the bins of all rows, 1 << `shift` bytes each. */
  readonly column: number
  readonly shift: 0 | 1
  readonly mask: 0xff | 0xffff
  /** How many bins there are, that of missing values included. */
  readonly bins: number
  /** `x <= edges[b]` is `bin(x) <= b + 1`. Undefined for categories. */
  readonly edges?: Float32Array
  /** Where its part of a histogram starts, in bytes; an entry of it has 16. */
  readonly histogram: number
}

/** The training rows in the memory of the kernels; plain data, to be posted to threads. */
export interface BinnedTable {
  readonly rows: number
  readonly features: readonly BinnedFeature[]
  /** Address of the bins of the features of one byte, row by row; 0 if that was not asked for. */
  readonly byRow: number
  /** How many features have one byte. */
  readonly narrow: number
  readonly histogramBytes: number
}

export interface TableOptions {
  readonly maxBins: number
  readonly seed: number
  /** Bins are made from the first `trainingRows`; the others are put into the same bins. */
  readonly trainingRows: number
  readonly weights?: Float64Array
  /** Whether the bins are wanted row by row, too. */
  readonly byRow: boolean
}

const maxCategories = 65_535

const checkColumns = (learner: string, frame: Frame): void => {
  for (const [name, column] of Object.entries(frame.columns)) {
    if (column.kind === 'timestamp')
      throw new TypeError(
        `column '${name}' is timestamp; ${learner} takes numbers: put dateParts() before it`,
      )
    if (column.kind === 'categorical' && column.categories.length > maxCategories)
      throw new RangeError(
        `column '${name}' has ${column.categories.length} categories; ${learner} takes at most ${maxCategories}: ` +
          'put targetEncode() or hash() before it',
      )
  }
}

const concatenate = (frames: readonly Frame[], name: string, out: Float32Array): void => {
  let at = 0
  for (const { rows, columns } of frames) {
    const column = columns[name]
    const part = out.subarray(at, at + rows)
    if (column.kind === 'numeric') part.set(column.values)
    else if (column.kind === 'boolean')
      for (let row = 0; row < rows; row += 1) part[row] = column.values[row] < 0 ? NaN : column.values[row]
    at += rows
  }
}

const concatenateCodes = (frames: readonly Frame[], name: string, out: Int32Array): void => {
  let at = 0
  for (const { rows, columns } of frames) {
    const column = columns[name]
    if (column.kind === 'categorical') out.set(column.codes, at)
    at += rows
  }
}

/**
 * Bins the rows of the frames, one frame after the other; all have the same columns and number categories alike.
 * Throws a TypeError for times, a RangeError for too many categories and for more than the kernels can address.
 */
export const createBinnedTable = (
  learner: string,
  frames: readonly Frame[],
  { arena, team }: { arena: Arena; team: Team },
  options: TableOptions,
): BinnedTable => {
  const [frame] = frames
  checkColumns(learner, frame)
  const rows = frames.reduce((sum, part) => sum + part.rows, 0)
  const columns = Object.entries(frame.columns)
  const sample = sampleRows(options.trainingRows, options.seed)
  const work = createEdgeWork(frame, sample, options)
  team.start('bin-edges', work).run(0, columns.length)

  let narrow = 0
  let wideBytes = 0
  const plans = columns.map(([, column], index) => {
    const edges = column.kind === 'categorical' ? undefined : readEdges(work, index)
    const bins = column.kind === 'categorical' ? column.categories.length + 1 : (edges?.length ?? 0) + 2
    const shift = bins > 256 ? 1 : 0
    // 1 byte more, as the kernels read 2.
    const plan = { bins, edges, shift, column: arena.take((rows << shift) + 1) } as const
    const place = shift === 0 ? narrow : wideBytes
    if (shift === 0) narrow += 1
    else wideBytes += bins * 16
    return { ...plan, place }
  })
  const features = plans.map(
    ({ place, shift, ...plan }): BinnedFeature => ({
      ...plan,
      shift,
      mask: shift === 0 ? 0xff : 0xffff,
      histogram: shift === 0 ? place * 4096 : narrow * 4096 + place,
    }),
  )
  const table: BinnedTable = {
    rows,
    features,
    byRow: options.byRow && narrow > 0 ? arena.take(rows * narrow) : 0,
    narrow,
    histogramBytes: narrow * 4096 + wideBytes,
  }
  const binning: BinningWork = {
    memory: arena.memory,
    table,
    values: arena.take(rows * 4),
    edges: arena.take(4 * 256),
  }
  const job = team.start('binning', binning)
  const pieces = Math.ceil(rows / rowsPerPiece)
  const { buffer } = arena.memory
  columns.forEach(([name], index) => {
    const { edges } = features[index]
    if (edges === undefined) concatenateCodes(frames, name, new Int32Array(buffer, binning.values, rows))
    else {
      concatenate(frames, name, new Float32Array(buffer, binning.values, rows))
      new Float32Array(buffer, binning.edges, 255).fill(Infinity).set(edges)
    }
    job.run(bin + index, pieces)
  })
  if (table.byRow !== 0) job.run(byRow, pieces)
  return table
}
