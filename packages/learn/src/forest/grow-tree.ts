import { createRandom } from '../random.ts'
import type { BinnedTable } from './binned.ts'
import { createRowDrawer } from './draw-rows.ts'
import { createSplitFinder, type NodeRows, type Split } from './find-split.ts'
import type { ForestRules } from './options.ts'
import { createTreeBuilder, type Tree } from './tree.ts'

/** `parent` is the node whose right child this is, or -1. */
type Pending = NodeRows & { readonly depth: number; readonly parent: number }

/** Moves the rows of the node that go left to its front, keeping their order on both sides. */
const createPartition = (table: BinnedTable, drawn: Uint32Array) => {
  const { bins, rows } = table
  const aside = new Uint32Array(drawn.length)
  return (node: NodeRows, split: Split): void => {
    const base = split.feature * rows
    const { bin } = split
    let left = node.begin
    let right = 0
    for (let at = node.begin; at < node.end; at += 1) {
      const entry = drawn[at]
      if (bins[base + (entry >>> 1)] <= bin) {
        drawn[left] = entry
        left += 1
      } else {
        aside[right] = entry
        right += 1
      }
    }
    for (let at = 0; at < right; at += 1) drawn[left + at] = aside[at]
  }
}

/**
 * Makes the function that grows tree number `index` of the forest. Its buffers (about 8 bytes for each drawn
 * row and 2 for each row) are reused from tree to tree. The tree depends only on the table, the rules and
 * the index, not on which thread grows it or what was grown before.
 */
export const createTreeGrower = (table: BinnedTable, rules: ForestRules): ((index: number) => Tree) => {
  const drawn = new Uint32Array(rules.samples)
  const drawRows = createRowDrawer(table.labels, rules.bootstrap)
  const partition = createPartition(table, drawn)

  return (index) => {
    const random = createRandom(rules.seed, index)
    drawRows(random, drawn)
    const findSplit = createSplitFinder(table, rules, drawn)
    const builder = createTreeBuilder()
    const importance = new Float64Array(table.features)
    let positives = 0
    for (const entry of drawn) positives += entry & 1
    const pending: Pending[] = [{ begin: 0, end: drawn.length, positives, depth: 0, parent: -1 }]
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      const total = node.end - node.begin
      const id = builder.addNode(node.positives / total)
      if (node.parent !== -1) builder.setRight(node.parent, id)
      const pure = node.positives === 0 || node.positives === total
      if (pure || node.depth >= rules.maxDepth || total < 2 * rules.minSamplesLeaf) continue
      const split = findSplit(node, random)
      if (split.feature === -1) continue
      const negatives = total - node.positives
      const unsplit = (negatives * negatives + node.positives * node.positives) / total
      // A cut that changes nothing may come out a rounding error below 0.
      importance[split.feature] += Math.max(0, split.score - unsplit) / drawn.length
      builder.setSplit(id, split.feature, table.edges[split.feature][split.bin])
      partition(node, split)
      const middle = node.begin + split.leftRows
      const depth = node.depth + 1
      const right = { begin: middle, end: node.end, positives: node.positives - split.leftPositives }
      const left = { begin: node.begin, end: middle, positives: split.leftPositives }
      // The left child comes off the stack next, so it becomes node id + 1.
      pending.push({ ...right, depth, parent: id }, { ...left, depth, parent: -1 })
    }
    return builder.finish(importance)
  }
}
