import type { Tree } from './tree.ts'

/** All trees of a forest, one after the other. */
export type Forest = {
  /** Tree t is the nodes from `offsets[t]` up to `offsets[t + 1]`. */
  readonly offsets: Uint32Array
  /** As in `Tree`, but `right` counts from the start of the forest. */
  readonly feature: Int16Array
  readonly threshold: Float32Array
  readonly right: Uint32Array
  readonly share: Float32Array
}

/** Puts the trees together in the given order. */
export const joinTrees = (trees: readonly Tree[]): Forest => {
  const offsets = new Uint32Array(trees.length + 1)
  trees.forEach((tree, index) => {
    offsets[index + 1] = offsets[index] + tree.feature.length
  })
  const size = offsets[trees.length]
  const feature = new Int16Array(size)
  const threshold = new Float32Array(size)
  const right = new Uint32Array(size)
  const share = new Float32Array(size)
  trees.forEach((tree, index) => {
    const offset = offsets[index]
    feature.set(tree.feature, offset)
    threshold.set(tree.threshold, offset)
    share.set(tree.share, offset)
    tree.right.forEach((child, node) => {
      right[offset + node] = child === 0 ? 0 : offset + child
    })
  })
  return { offsets, feature, threshold, right, share }
}

/**
 * Impurity importance by feature, as scikit-learn: the decreases of each tree are scaled to sum to 1, averaged
 * over the trees that split at all, and scaled to sum to 1 again. All 0 if no tree splits.
 */
export const averageImportance = (trees: readonly Tree[], features: number): Float64Array => {
  const average = new Float64Array(features)
  for (const { importance } of trees) {
    const total = importance.reduce((sum, value) => sum + value, 0)
    if (total > 0)
      for (let feature = 0; feature < features; feature += 1) average[feature] += importance[feature] / total
  }
  const total = average.reduce((sum, value) => sum + value, 0)
  return total > 0 ? average.map((value) => value / total) : average
}

/**
 * Adds to `out[r]`, which must be 0, the mean leaf share over all trees for the `count` encoded rows in `block` (row after row,
 * `features` values each).
 */
export const addForestShares = (
  forest: Forest,
  {
    block,
    features,
    count,
  }: { readonly block: Float32Array; readonly features: number; readonly count: number },
  out: Float64Array,
): void => {
  const { offsets, feature, threshold, right, share } = forest
  const trees = offsets.length - 1
  for (let tree = 0; tree < trees; tree += 1) {
    const root = offsets[tree]
    for (let row = 0; row < count; row += 1) {
      const base = row * features
      let node = root
      let tested = feature[node]
      while (tested >= 0) {
        node = block[base + tested] <= threshold[node] ? node + 1 : right[node]
        tested = feature[node]
      }
      out[row] += share[node]
    }
  }
  // One division at the end: sums of numbers <= 1 round to at most their count, so no result exceeds 1.
  for (let row = 0; row < count; row += 1) out[row] /= trees
}
