import type { NodeSums } from '../find-split.ts'

/** Where the rows of a node are. */
export interface NodeRows {
  readonly begin: number
  readonly count: number
  /** Rows that are not learnt from: validation, and those that this tree did not draw. */
  readonly restBegin: number
  readonly restCount: number
}

/** The best split of a node. */
export interface BestSplit {
  readonly feature: number
  readonly growth: number
  /** Bins that go left, as a byte for each bin of the feature. */
  readonly sides: Uint8Array
  /** The last bin that goes left; undefined for categories. */
  readonly cut?: number
  readonly left: NodeSums
  readonly right: NodeSums
}

/** A leaf that may still be split. */
export interface OpenLeaf {
  /** Its place among the tree's nodes. */
  readonly place: number
  readonly depth: number
  readonly rows: NodeRows
  readonly sums: NodeSums
  /** Its histogram; -1 if it was given up for another's. */
  slot: number
  best?: BestSplit
}
