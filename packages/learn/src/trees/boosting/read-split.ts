import type { BinnedFeature } from '../binned-table.ts'
import {
  type CategoryOrder,
  cut,
  growth,
  leftGradient,
  leftHessian,
  leftRows,
  missingGoesLeft,
  type NodeSums,
  orderCategories,
  outputOf,
  type SplitRules,
  splitFields,
  sumLeft,
} from '../find-split.ts'
import type { BestSplit } from './node.ts'

/** The feature whose split is best, the first one at ties; -1 if no feature has a split. */
export const bestFeature = (
  splits: Float64Array,
  child: 0 | 1,
  features: number,
  allowed: Uint8Array,
): number => {
  let best = -1
  let bestGrowth = 0
  for (let feature = 0; feature < features; feature += 1) {
    const grown = splits[(child * features + feature) * splitFields + growth]
    if (allowed[feature] === 0 || !(grown > bestGrowth)) continue
    best = feature
    bestGrowth = grown
  }
  return best
}

const withBounds = (
  node: NodeSums,
  left: NodeSums,
  right: NodeSums,
  l2: number,
  direction: number,
): { left: NodeSums; right: NodeSums } => {
  if (direction === 0) return { left, right }
  // Everything left of here stays on one side of the middle, everything right of here on the other.
  const middle =
    (outputOf(left.gradient, left.hessian, l2, node) + outputOf(right.gradient, right.hessian, l2, node)) / 2
  return direction > 0
    ? { left: { ...left, high: middle }, right: { ...right, low: middle } }
    : { left: { ...left, low: middle }, right: { ...right, high: middle } }
}

/** What a record of the best split of a feature means. */
export const readSplit = (
  record: Float64Array,
  feature: number,
  { bins, edges }: BinnedFeature,
  node: NodeSums,
  {
    entries,
    first,
    rules,
    order,
    direction,
  }: {
    readonly entries: Int32Array
    /** Index of the feature's first entry in the node's histogram. */
    readonly first: number
    readonly rules: SplitRules
    readonly order: CategoryOrder
    readonly direction: number
  },
): BestSplit => {
  const sides = new Uint8Array(bins)
  if (edges !== undefined) {
    sumLeft(entries, first, record)
    sides.fill(1, 1, record[cut] + 1)
  } else {
    orderCategories(entries, first, bins, rules, order)
    for (let place = 0; place < record[cut]; place += 1) sides[order.bins[place]] = 1
  }
  const toLeft = record[leftRows]
  // Where nothing was missing, missing values of other rows go with the majority.
  const missing = entries[first + 2] > 0 ? record[missingGoesLeft] === 1 : toLeft > node.rows - toLeft
  sides[0] = missing ? 1 : 0
  const left = { ...node, gradient: record[leftGradient], hessian: record[leftHessian], rows: toLeft }
  const right = {
    ...node,
    gradient: node.gradient - left.gradient,
    hessian: node.hessian - left.hessian,
    rows: node.rows - toLeft,
  }
  return {
    feature,
    growth: record[growth],
    sides,
    cut: edges === undefined ? undefined : record[cut],
    ...withBounds(node, left, right, rules.l2, direction),
  }
}
