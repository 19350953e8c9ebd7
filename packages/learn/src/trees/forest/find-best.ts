import type { Random } from '../../random.ts'
import { lastEdge } from '../bin-edges.ts'
import type { BinnedFeature } from '../binned-table.ts'
import { type ClassNode, orderByClass, orderNumbers, scanClasses } from '../find-class-split.ts'
import {
  createCategoryOrder,
  cut,
  growth,
  leftRows,
  missingGoesLeft,
  type NodeSums,
  orderCategories,
  type SplitRules,
  scanCategories,
  scanNumbers,
  splitFields,
} from '../find-split.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { drawCut } from './draw-cut.ts'
import { entryBytes, type ForestWork, type MemberMemory } from './work.ts'

/** A node whose rows are neighbours in memory. */
export interface ForestNode {
  readonly begin: number
  readonly count: number
  readonly sums: NodeSums
  /** The weight of each class, where histograms sum classes. */
  readonly weights: Float64Array
}

export interface ForestSplit {
  readonly feature: number
  readonly growth: number
  /** Bins that go left. */
  readonly sides: Uint8Array
  readonly threshold: number
  readonly set?: readonly number[]
}

/** Looks at columns in random order for the best split of a node; undefined if there is none. */
export type FindBest = (node: ForestNode, minGrowth: number, draws: TreeDraws) => ForestSplit | undefined

/** What a tree draws from: it must not depend on the trees that the same thread grew before. */
export interface TreeDraws {
  readonly random: Random
  /** Numbers of the columns, in the order that earlier draws left them in. */
  readonly columns: Uint32Array
}

/** Categories that go left. */
const toSet = (sides: Uint8Array): number[] =>
  Array.from(sides.keys()).flatMap((bin) => (bin > 0 && sides[bin] === 1 ? [bin - 1] : []))

export const createFindBest = (work: ForestWork, kernels: Kernels, memory: MemberMemory): FindBest => {
  const { table, sums, classes, rules: forest } = work
  const { features } = table
  const entry = entryBytes(work)
  const ints = entry / 4
  const entries = new Int32Array(work.memory.buffer)
  const first = memory.histogram / 4
  const bins = createCategoryOrder(Math.max(...features.map((feature) => feature.bins)))
  const found = new Float64Array(splitFields)
  const base: SplitRules = {
    l2: 0,
    minHessian: 1,
    minRows: forest.minSamplesLeaf,
    minGrowth: 0,
    bounded: false,
    minCategoryRows: 0,
    categorySmoothing: 0,
    categoryL2: 0,
  }

  const sum = ({ column, shift, mask, bins: count }: BinnedFeature, node: ForestNode): void => {
    const rows = memory.rows + node.begin * 4
    entries.fill(0, first, first + count * ints)
    if (sums === 'numbers')
      kernels.addColumn(column, shift, mask, rows, node.count, memory.payload, memory.histogram)
    else kernels.addClasses(column, shift, mask, rows, node.count, memory.payload, memory.histogram, entry)
  }

  /** Where extra trees cut; 0: anywhere; undefined: nowhere. */
  const chooseCut = ({ edges, bins: count }: BinnedFeature, random: Random): number | undefined => {
    if (!forest.randomCuts || edges === undefined) return 0
    const rowsAt = sums === 'numbers' ? 2 : 0
    const drawn = drawCut(edges, count, (bin) => entries[first + bin * ints + rowsAt] > 0, random)
    // With all values in one bin they can still be told from missing ones.
    return drawn > 0 || entries[first + rowsAt] > 0 ? drawn : undefined
  }

  const scanSums = (feature: BinnedFeature, node: ForestNode, minGrowth: number, only: number): void => {
    const rules = { ...base, minGrowth }
    if (feature.edges === undefined)
      scanCategories(entries, first, feature.bins, node.sums, rules, bins, found)
    else scanNumbers(entries, first, feature.bins, node.sums, rules, 0, found, only)
  }

  const classNode = ({ count, weights }: ForestNode): ClassNode => ({ rows: count, weights })

  const orderClasses = ({ edges, bins: count }: BinnedFeature, node: ForestNode): number =>
    edges === undefined
      ? orderByClass({ entries, first, bins: count, classes }, classNode(node), bins)
      : orderNumbers(count, bins)

  const scan = (feature: BinnedFeature, node: ForestNode, minGrowth: number, random: Random): void => {
    sum(feature, node)
    const only = chooseCut(feature, random)
    if (only === undefined) found[growth] = 0
    else if (sums === 'numbers') scanSums(feature, node, minGrowth, only)
    else
      scanClasses(
        { entries, first, bins: feature.bins, classes },
        { order: bins, count: orderClasses(feature, node), only },
        classNode(node),
        { minRows: forest.minSamplesLeaf, minGrowth, entropy: forest.entropy },
        found,
      )
  }

  const describe = (index: number, node: ForestNode): ForestSplit => {
    const { edges, bins: count } = features[index]
    const sides = new Uint8Array(count)
    if (edges !== undefined) sides.fill(1, 1, found[cut] + 1)
    else {
      if (sums === 'numbers') orderCategories(entries, first, count, base, bins)
      else orderClasses(features[index], node)
      for (let place = 0; place < found[cut]; place += 1) sides[bins.bins[place]] = 1
    }
    const anyMissing = entries[first + (sums === 'numbers' ? 2 : 0)] > 0
    // Where nothing was missing, missing values of other rows go with the majority.
    const majority = found[leftRows] > node.count - found[leftRows]
    sides[0] = (anyMissing ? found[missingGoesLeft] === 1 : majority) ? 1 : 0
    return {
      feature: index,
      growth: found[growth],
      sides,
      threshold: edges === undefined ? 0 : (edges[found[cut] - 1] ?? lastEdge),
      set: edges === undefined ? toSet(sides) : undefined,
    }
  }

  return (node, minGrowth, { random, columns }) => {
    let best: ForestSplit | undefined
    for (let tried = 0; tried < columns.length; tried += 1) {
      if (tried >= forest.tried && best !== undefined) break
      const pick = tried + random.below(columns.length - tried)
      const index = columns[pick]
      columns[pick] = columns[tried]
      columns[tried] = index
      scan(features[index], node, minGrowth, random)
      if (found[growth] > (best?.growth ?? 0)) best = describe(index, node)
    }
    return best
  }
}
