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
  sumLeft,
} from '../find-split.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { drawCut } from './draw-cut.ts'
import { createSumColumn } from './sum-column.ts'
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

const classNode = ({ count, weights }: ForestNode): ClassNode => ({ rows: count, weights })

/** Categories that go left. */
const toSet = (sides: Uint8Array): number[] =>
  Array.from(sides.keys()).flatMap((bin) => (bin > 0 && sides[bin] === 1 ? [bin - 1] : []))

export const createFindBest = (work: ForestWork, kernels: Kernels, memory: MemberMemory): FindBest => {
  const { table, sums, classes, rules: forest } = work
  const { features } = table
  const ints = entryBytes(work) / 4
  const rowsAt = sums === 'numbers' ? 2 : 0
  const entries = new Int32Array(work.memory.buffer)
  const first = memory.histogram / 4
  const order = createCategoryOrder(Math.max(...features.map((feature) => feature.bins)))
  const found = new Float64Array(splitFields)
  const { sum, sums: column } = createSumColumn(work, kernels, memory)
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

  const isUsed = (place: number): boolean => entries[first + place * ints + rowsAt] > 0

  /** The place behind which extra trees cut; 0: anywhere; undefined: nowhere. */
  const chooseCut = ({ edges }: BinnedFeature, random: Random): number | undefined => {
    if (!forest.randomCuts || edges === undefined) return 0
    let low = 1
    while (low < column.bins && !isUsed(low)) low += 1
    let high = column.bins - 1
    while (high > low && !isUsed(high)) high -= 1
    const bin = low < high ? drawCut(edges, column.binAt(low), column.binAt(high), random) : 0
    // With all values in one bin they can still be told from missing ones.
    if (bin === 0) return isUsed(0) ? 0 : undefined
    let place = column.placeOf(bin)
    while (!isUsed(place)) place -= 1
    return place
  }

  const orderClasses = ({ edges }: BinnedFeature, node: ForestNode): number =>
    edges === undefined
      ? orderByClass({ entries, first, bins: column.bins, classes }, classNode(node), order)
      : orderNumbers(column.bins, order)

  const scan = (feature: BinnedFeature, node: ForestNode, minGrowth: number, random: Random): void => {
    sum(feature, node.begin, node.count)
    const only = chooseCut(feature, random)
    const rules = { ...base, minGrowth }
    if (only === undefined) found[growth] = 0
    else if (sums === 'classes')
      scanClasses(
        { entries, first, bins: column.bins, classes },
        { order, count: orderClasses(feature, node), only },
        classNode(node),
        { minRows: forest.minSamplesLeaf, minGrowth, entropy: forest.entropy },
        found,
      )
    else if (feature.edges === undefined)
      scanCategories(entries, first, column.bins, node.sums, rules, order, found)
    else scanNumbers(entries, first, column.bins, node.sums, rules, 0, found, only)
  }

  /** The bins that go left in the split that was found in the histogram at hand. */
  const readSides = (feature: BinnedFeature, node: ForestNode): Uint8Array => {
    const sides = new Uint8Array(feature.bins)
    if (feature.edges !== undefined) {
      if (sums === 'numbers') sumLeft(entries, first, found)
      sides.fill(1, 1, column.binAt(found[cut]) + 1)
    } else {
      if (sums === 'numbers') orderCategories(entries, first, column.bins, base, order)
      else orderClasses(feature, node)
      for (let place = 0; place < found[cut]; place += 1) sides[column.binAt(order.bins[place])] = 1
    }
    // Where nothing was missing, missing values of other rows go with the majority.
    const majority = found[leftRows] > node.count - found[leftRows]
    sides[0] = (isUsed(0) ? found[missingGoesLeft] === 1 : majority) ? 1 : 0
    return sides
  }

  const describe = (index: number, node: ForestNode): ForestSplit => {
    const { edges } = features[index]
    const sides = readSides(features[index], node)
    return {
      feature: index,
      growth: found[growth],
      sides,
      threshold: edges === undefined ? 0 : (edges[column.binAt(found[cut]) - 1] ?? lastEdge),
      set: edges === undefined ? toSet(sides) : undefined,
    }
  }

  return (node, minGrowth, { random, columns }) => {
    let best: ForestSplit | undefined
    for (let tried = 0; tried < columns.length; tried += 1) {
      if (tried >= forest.tried && best !== undefined) break
      // Where all columns are tried their order decides nothing but ties, and is left as it is.
      const pick = forest.tried < columns.length ? tried + random.below(columns.length - tried) : tried
      const index = columns[pick]
      columns[pick] = columns[tried]
      columns[tried] = index
      scan(features[index], node, minGrowth, random)
      if (found[growth] > (best?.growth ?? 0)) best = describe(index, node)
    }
    return best
  }
}
