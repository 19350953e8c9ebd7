import type { BinnedTable } from '../binned-table.ts'
import { splitFields } from '../find-split.ts'
import type { Arena } from '../kernels/arena.ts'
import type { KernelMemory } from '../kernels/kernels.ts'
import type { ObjectiveName } from './objective.ts'

/** What the threads of a boosting fit share; plain data, with addresses into the memory. */
export interface BoostingWork {
  readonly memory: KernelMemory
  readonly table: BinnedTable
  readonly objective: ObjectiveName
  readonly quantile: number
  /** -1, 0 or 1 for each feature. */
  readonly monotone: readonly number[]
  readonly outputs: number
  /** Rows that are learnt from, 0 … trainingRows - 1; those after them are only scored. */
  readonly trainingRows: number
  readonly weighted: boolean
  /** Whether all weights are small whole numbers, so that a weight of 2 can be the row twice to the last bit. */
  readonly wholeWeights: boolean
  /** How many histograms there is room for. */
  readonly slots: number
  readonly at: {
    /** u32: numbers of the rows; those of a node are neighbours. Sampled rows come first. */
    readonly rows: number
    readonly left: number
    readonly right: number
    /** Two float32, then int32, for each training row. */
    readonly gradients: number
    readonly scores: number
    /** Of log_loss a byte for each row; f64 for the others. */
    readonly target: number
    readonly weights: number
    readonly probabilities: number
    /** A histogram for each slot. */
    readonly slots: number
    /** A histogram for each member of the team, zero between commands. */
    readonly own: number
    /** i32 for each feature: where its part of a histogram starts, in bytes; -1: this tree does without it. */
    readonly places: number
    /** i32 for each member: whether it has added to its histogram. */
    readonly used: number
    /** A byte for each bin: 1 goes left. */
    readonly sides: number
    /** i32 for each piece: first how many of its rows go left, then where these are put. */
    readonly pieceLefts: number
    /** f64: sums of |gradient| and hessian of each piece. */
    readonly pieceSums: number
    /** i32, see `Parameter`. */
    readonly parameters: number
    /** f64, see `Figure`. */
    readonly figures: number
    /** The best split of each feature of both children, `splitFields` f64 each. */
    readonly splits: number
    /** i32: where the rows of each leaf start, sampled ones and others; f64: its value. */
    readonly leafStarts: number
    readonly leafRestStarts: number
    readonly leafValues: number
  }
}

/** Places of the integers that go with a command. */
export const parameter = {
  begin: 0,
  count: 1,
  restBegin: 2,
  restCount: 3,
  rowsPerPiece: 4,
  feature: 5,
  /** Which child's histogram is summed while rows are split: 0 none, 1 left, 2 right. */
  summed: 6,
  /** Where the summed histogram goes. */
  slot: 7,
  /** The parent's histogram, which becomes that of the other child; -1: there is no other child. */
  parentSlot: 8,
  /** Whether child 0 (1) is to be scanned. */
  scanFirst: 9,
  scanSecond: 10,
  /** Whether child 0 is the summed one. */
  firstIsSummed: 11,
  output: 12,
  leaves: 13,
  leftRows: 14,
  restLeftRows: 15,
  placePieces: 16,
  scanPieces: 17,
  /** How many features of one byte the tree has drawn. */
  narrow: 18,
} as const

/** Places of the numbers that go with a command: the sums of both children, and the rules. */
export const figure = {
  first: 0,
  second: 8,
  l2: 16,
  minHessian: 17,
  minRows: 18,
  minGrowth: 19,
  bounded: 20,
  minCategoryRows: 21,
  categorySmoothing: 22,
  categoryL2: 23,
  gradientScale: 24,
  hessianScale: 25,
} as const
const figures = 32

/** Rows of a piece where each row has the same work. */
export const rowsPerPiece = 16_384
/** Pieces of a node's rows are never more than this. */
const maxPieces = 1024

export type WorkPlan = Omit<BoostingWork, 'at' | 'memory' | 'slots'> & {
  readonly maxLeaves: number
  readonly members: number
  /** Memory for histograms of leaves that are kept to subtract from; there is always room for three. */
  readonly slotBytes: number
}

/** Takes the memory for a fit. Throws a RangeError if there is not enough. */
export const createWork = (
  arena: Arena,
  { maxLeaves, members, slotBytes, ...plan }: WorkPlan,
): BoostingWork => {
  const { rows, features, histogramBytes } = plan.table
  const slots = Math.max(3, Math.min(maxLeaves + 1, Math.floor(slotBytes / histogramBytes)))
  const pieces = 2 * maxPieces + Math.ceil(rows / rowsPerPiece) + 2
  const at = {
    rows: arena.take(rows * 4),
    left: arena.take(rows * 4),
    right: arena.take(rows * 4),
    gradients: arena.take(plan.trainingRows * 8),
    scores: arena.take(rows * plan.outputs * 8),
    target: arena.take(plan.objective === 'log_loss' ? rows : rows * 8),
    weights: arena.take(plan.weighted ? rows * 8 : 0),
    probabilities: arena.take(plan.objective === 'softmax' ? rows * plan.outputs * 4 : 0),
    slots: arena.take(slots * histogramBytes),
    own: arena.take(members * histogramBytes),
    places: arena.take(features.length * 4),
    used: arena.take(members * 4),
    sides: arena.take(65_536),
    pieceLefts: arena.take(pieces * 4),
    pieceSums: arena.take(pieces * 16),
    parameters: arena.take(32 * 4),
    figures: arena.take(figures * 8),
    splits: arena.take(2 * features.length * splitFields * 8),
    leafStarts: arena.take((maxLeaves + 1) * 4),
    leafRestStarts: arena.take((maxLeaves + 1) * 4),
    leafValues: arena.take(maxLeaves * 8),
  }
  return { ...plan, memory: arena.memory, slots, at }
}

/** Rows of a piece of a node: few enough that all threads have work, enough that a piece is worth its trouble. */
export const sizePieces = (rows: number, members: number): number =>
  members === 1 ? Math.max(1, rows) : Math.max(2048, Math.ceil(rows / Math.min(maxPieces, members * 8)))
