/**
 * Trees of any origin: grown here, or read from ONNX, XGBoost and LightGBM. The nodes of a tree are in preorder,
 * one tree after the other; the left child of node i is i + 1.
 */
export interface TreeEnsemble {
  /** How many features a row has. */
  readonly features: number
  /** How many numbers come out for a row. */
  readonly outputs: number
  /** Tree t is the nodes from `offsets[t]` up to `offsets[t + 1]`. */
  readonly offsets: Uint32Array
  /** The feature that a node tests; -1 in a leaf. */
  readonly feature: Int32Array
  /**
   * A row goes left if its feature <= threshold (float32 against float32). In a node that tests a category: the
   * index of its set in `sets`. 0 in a leaf.
   */
  readonly threshold: Float32Array
  /** Index of the right child, from the start of the ensemble. 0 in a leaf. */
  readonly right: Uint32Array
  /** `missingLeft`, `categorical` and `zeroIsMissing`, or-ed. */
  readonly flags: Uint8Array
  /** Rows (or the weight of the rows) of the training that came to the node. */
  readonly cover: Float32Array
  /** By how much the node's test made the loss smaller. 0 in a leaf. */
  readonly gain: Float32Array
  /** Leaf values, `valuesPerLeaf` for each node; 0 in nodes that are no leaves. */
  readonly value: Float32Array
  /** `outputs` if a leaf has a number for each output (forests), 1 if a tree belongs to one output. */
  readonly valuesPerLeaf: number
  /** The output of each tree, where `valuesPerLeaf` is 1. */
  readonly treeOutput: Uint16Array
  /** Sets of categories that go left, as bits: set s is the words from `setOffsets[s]` up to `setOffsets[s + 1]`. */
  readonly sets: Uint32Array
  readonly setOffsets: Uint32Array
  /** Added to each output before the link. */
  readonly base: Float64Array
  /** Leaves are added up, or averaged over the trees. */
  readonly aggregate: 'sum' | 'average'
  /** What turns the sum into the prediction. */
  readonly link: 'identity' | 'logistic' | 'softmax' | 'exp'
}

/** Bits of `flags`. */
export const missingLeft = 1
/** The node tests whether the category, a whole number, is in a set. */
export const categorical = 2
/** 0 is missing, too (LightGBM's `zero_as_missing`). */
export const zeroIsMissing = 4
