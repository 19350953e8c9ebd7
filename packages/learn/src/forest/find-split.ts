import type { Random } from '../random.ts'
import type { BinnedTable } from './binned.ts'
import type { ForestRules } from './options.ts'

/** A run of the drawn rows that reached one node, with how many of them are positive. */
export type NodeRows = { begin: number; end: number; positives: number }

/** The best cut found: rows with bin <= `bin` of `feature` go left. `feature` is -1 if there is none. */
export type Split = { feature: number; bin: number; score: number; leftRows: number; leftPositives: number }

/**
 * Makes the function that looks for the best Gini cut of a node over a random subset of the features.
 * As in scikit-learn, features are tried in random order until `maxFeatures` were looked at *and* a valid
 * cut was found. It maximises Σ over both sides of (n₀² + n₁²) / n, which minimises the weighted Gini
 * impurity. One finder serves one tree (it keeps shuffling the same list of features); the returned object
 * is reused by the next call.
 */
export const createSplitFinder = (table: BinnedTable, rules: ForestRules, drawn: Uint32Array) => {
  const { bins, edges, rows } = table
  const { maxFeatures, minSamplesLeaf } = rules
  const order = Uint16Array.from(edges, (_, feature) => feature)
  // Counts by bin and class: [bin << 1 | label].
  const histogram = new Uint32Array(512)
  const best: Split = { feature: -1, bin: 0, score: 0, leftRows: 0, leftPositives: 0 }

  const fill = (feature: number, { begin, end }: NodeRows): void => {
    histogram.fill(0, 0, (edges[feature].length + 1) << 1)
    const base = feature * rows
    for (let at = begin; at < end; at += 1) {
      const entry = drawn[at]
      histogram[(bins[base + (entry >>> 1)] << 1) | (entry & 1)] += 1
    }
  }

  const scan = (feature: number, { begin, end, positives }: NodeRows): void => {
    const total = end - begin
    const cuts = edges[feature].length
    let left = 0
    let left1 = 0
    for (let bin = 0; bin < cuts; bin += 1) {
      const zeros = histogram[bin << 1]
      const ones = histogram[(bin << 1) | 1]
      if (zeros + ones === 0) continue
      left += zeros + ones
      left1 += ones
      if (left < minSamplesLeaf) continue
      const right = total - left
      if (right < minSamplesLeaf) return
      const left0 = left - left1
      const right1 = positives - left1
      const right0 = right - right1
      const score = (left0 * left0 + left1 * left1) / left + (right0 * right0 + right1 * right1) / right
      if (score <= best.score) continue
      best.feature = feature
      best.bin = bin
      best.score = score
      best.leftRows = left
      best.leftPositives = left1
    }
  }

  return (node: NodeRows, random: Random): Split => {
    best.feature = -1
    best.score = 0
    for (let tried = 0; tried < order.length; tried += 1) {
      if (tried >= maxFeatures && best.feature !== -1) break
      const pick = tried + random.below(order.length - tried)
      const feature = order[pick]
      order[pick] = order[tried]
      order[tried] = feature
      fill(feature, node)
      scan(feature, node)
    }
    return best
  }
}
