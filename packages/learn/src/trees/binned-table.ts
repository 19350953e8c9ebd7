import type { Frame } from '../frame.ts'
import type { Team } from '../team.ts'
import { sampleRows } from './bin-edges.ts'
import { binFrames } from './bin-frames.ts'
import { createEdgeWork, readEdges } from './edge-work.ts'
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
}

/** The training rows in the memory of the kernels; plain data, to be posted to threads. */
export interface BinnedTable {
  readonly rows: number
  readonly features: readonly BinnedFeature[]
  /** Address of the bins of the features of one byte, row by row; 0 if that was not asked for. */
  readonly byRow: number
  /** How many features have one byte. */
  readonly narrow: number
  /** Size of a histogram of all features; an entry has 16 bytes, a feature of one byte 256 of them. */
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
  const work = createEdgeWork(
    columns.map(([, column]) => column),
    options.trainingRows,
    sampleRows(options.trainingRows, options.seed),
    { ...options, members: team.size },
  )
  team.start('bin-edges', work).run(0, columns.length)

  const features = columns.map(([, column], index): BinnedFeature => {
    const edges = column.kind === 'categorical' ? undefined : readEdges(work, index)
    const bins = column.kind === 'categorical' ? column.categories.length + 1 : (edges?.length ?? 0) + 2
    const shift = bins > 256 ? 1 : 0
    // 1 byte more, as the kernels read 2.
    const address = arena.take((rows << shift) + 1)
    return { bins, edges, shift, mask: shift === 0 ? 0xff : 0xffff, column: address }
  })
  const wide = features.filter(({ shift }) => shift === 1)
  const narrow = features.length - wide.length
  const table: BinnedTable = {
    rows,
    features,
    byRow: options.byRow && narrow > 0 ? arena.take(rows * narrow) : 0,
    narrow,
    histogramBytes: wide.reduce((bytes, { bins }) => bytes + bins * 16, narrow * 4096),
  }
  binFrames(frames, table, { arena, team })
  return table
}
