/** A node of a tree that has just been grown. */
export interface GrownNode {
  /** Index of the feature it tests; -1 in a leaf. */
  feature: number
  threshold: number
  /** Categories that go left; undefined for numbers. */
  set?: readonly number[]
  missingLeft: boolean
  gain: number
  cover: number
  /** In a leaf. */
  values: readonly number[]
  /** Places among the tree's nodes. */
  left: number
  right: number
}

/** A tree; its root is node 0. */
export type GrownTree = readonly GrownNode[]

export const createLeaf = (cover: number, values: readonly number[]): GrownNode => ({
  feature: -1,
  threshold: 0,
  missingLeft: false,
  gain: 0,
  cover,
  values,
  left: 0,
  right: 0,
})
