import type { Job } from '../../team.ts'
import { lastEdge } from '../bin-edges.ts'
import { createCategoryOrder, type NodeSums, outputOf, type SplitRules, splitFields } from '../find-split.ts'
import { createLeaf, type GrownNode } from '../grown-tree.ts'
import type { BestSplit, NodeRows, OpenLeaf } from './node.ts'
import { bestFeature, readSplit } from './read-split.ts'
import { command, readRules } from './step.ts'
import type { WorkViews } from './views.ts'
import { type BoostingWork, figure, parameter, sizePieces } from './work.ts'

/** How far a tree may grow. */
export interface GrowthLimits {
  readonly maxLeaves: number
  readonly maxDepth: number
  readonly depthWise: boolean
}

/** A tree whose leaves have no values yet. */
export interface Growth {
  readonly nodes: GrownNode[]
  readonly leaves: readonly OpenLeaf[]
}

export interface Grower {
  /** Grows a tree on the first `sampled` rows in memory, with the features that are allowed (1). */
  grow(sampled: number, allowed: Uint8Array): Growth
}

/** What all members do is asked for by parameters in shared memory and a command; this is who asks. */
export const createGrower = (
  job: Job,
  work: BoostingWork,
  views: WorkViews,
  members: number,
  { maxLeaves, maxDepth, depthWise }: GrowthLimits,
): Grower => {
  const { table, at, monotone } = work
  const { parameters, figures, entries, splits, pieceLefts, sides, used, places } = views
  const { features } = table
  const order = createCategoryOrder(Math.max(...features.map(({ bins }) => bins)))
  const totalBins = features.reduce((sum, { bins }) => sum + bins, 0)
  const scanPieces = members === 1 ? 1 : Math.min(features.length, members * 4, Math.ceil(totalBins / 1024))
  const freeSlots: number[] = []
  let open: OpenLeaf[] = []

  const histogramOf = (slot: number, feature: number): number =>
    (at.slots + slot * table.histogramBytes + places[feature]) / 4

  /** A histogram nobody uses, if need be that of the leaf that is least likely to be split soon. */
  const takeSlot = (): number => {
    const free = freeSlots.pop()
    if (free !== undefined) return free
    const [victim] = open.filter(({ slot }) => slot >= 0).sort((a, b) => growthOf(a) - growthOf(b))
    const { slot } = victim
    victim.slot = -1
    return slot
  }

  const writeSums = (place: number, { gradient, hessian, rows, low, high }: NodeSums): void => {
    figures.set([gradient, hessian, rows, low, high], place)
  }

  const writeRows = ({ begin, count, restBegin, restCount }: NodeRows): number => {
    parameters[parameter.begin] = begin
    parameters[parameter.count] = count
    parameters[parameter.restBegin] = restBegin
    parameters[parameter.restCount] = restCount
    const perPiece = sizePieces(count, members)
    parameters[parameter.rowsPerPiece] = perPiece
    return perPiece
  }

  const finish = (placePieces: number): void => {
    parameters[parameter.placePieces] = placePieces
    parameters[parameter.scanPieces] = scanPieces
    job.run(command.finish, placePieces + scanPieces)
    used.fill(0, 0, members)
  }

  const findBest = (leaf: OpenLeaf, child: 0 | 1, allowed: Uint8Array, rules: SplitRules): void => {
    const feature = bestFeature(splits, child, features.length, allowed)
    if (feature < 0) {
      freeSlots.push(leaf.slot)
      leaf.slot = -1
      return
    }
    const place = (child * features.length + feature) * splitFields
    leaf.best = readSplit(
      splits.subarray(place, place + splitFields),
      feature,
      features[feature],
      leaf.sums,
      {
        entries,
        first: histogramOf(leaf.slot, feature),
        rules,
        order,
        direction: monotone[feature],
      },
    )
    open.push(leaf)
  }

  /** Sums the rows of a leaf anew and finds its best split. */
  const examine = (leaf: OpenLeaf, allowed: Uint8Array, rules: SplitRules): OpenLeaf => {
    leaf.slot = takeSlot()
    const perPiece = writeRows(leaf.rows)
    job.run(command.sum, Math.ceil(leaf.rows.count / perPiece))
    parameters[parameter.slot] = leaf.slot
    parameters[parameter.parentSlot] = -1
    parameters[parameter.firstIsSummed] = 1
    parameters[parameter.scanFirst] = leaf.sums.rows > 0 ? 1 : 0
    parameters[parameter.scanSecond] = 0
    writeSums(figure.first, leaf.sums)
    finish(0)
    if (leaf.sums.rows > 0) {
      findBest(leaf, 0, allowed, rules)
      return leaf
    }
    // The root: what its rows sum up to is seen in the histogram of any feature it has drawn.
    const sums = { gradient: 0, hessian: 0, rows: 0, low: -Infinity, high: Infinity }
    const drawn = allowed.indexOf(1)
    for (
      let bin = 0, entry = histogramOf(leaf.slot, drawn);
      bin < features[drawn].bins;
      bin += 1, entry += 4
    ) {
      sums.gradient += entries[entry]
      sums.hessian += entries[entry + 1]
      sums.rows += entries[entry + 2]
    }
    const root = { ...leaf, sums }
    parameters[parameter.scanFirst] = 1
    writeSums(figure.first, sums)
    finish(0)
    findBest(root, 0, allowed, rules)
    return root
  }

  const splitRows = (rows: NodeRows, best: BestSplit, summed: 0 | 1 | 2): [NodeRows, NodeRows] => {
    const perPiece = writeRows(rows)
    const pieces = Math.ceil(rows.count / perPiece)
    const restPieces = Math.ceil(rows.restCount / perPiece)
    parameters[parameter.feature] = best.feature
    parameters[parameter.summed] = summed
    sides.set(best.sides)
    job.run(command.split, pieces + restPieces)
    const startAt = (first: number, count: number, begin: number): number => {
      let start = begin
      for (let piece = first; piece < first + count; piece += 1) {
        const lefts = pieceLefts[piece]
        pieceLefts[piece] = start
        start += lefts
      }
      pieceLefts[first + count] = start
      return start - begin
    }
    const toLeft = startAt(0, pieces, rows.begin)
    const restToLeft = startAt(pieces + 1, restPieces, rows.restBegin)
    parameters[parameter.leftRows] = toLeft
    parameters[parameter.restLeftRows] = restToLeft
    const left = { begin: rows.begin, count: toLeft, restBegin: rows.restBegin, restCount: restToLeft }
    const right = {
      begin: rows.begin + toLeft,
      count: rows.count - toLeft,
      restBegin: rows.restBegin + restToLeft,
      restCount: rows.restCount - restToLeft,
    }
    return [left, right]
  }

  const describe = (node: GrownNode, best: BestSplit): void => {
    const { edges } = features[best.feature]
    node.feature = best.feature
    node.missingLeft = best.sides[0] === 1
    node.gain = best.growth
    if (edges !== undefined && best.cut !== undefined) node.threshold = edges[best.cut - 1] ?? lastEdge
    else
      node.set = Array.from(best.sides.keys()).flatMap((bin) =>
        bin > 0 && best.sides[bin] === 1 ? [bin - 1] : [],
      )
  }

  return {
    grow(sampled, allowed) {
      const rules = readRules(figures)
      const nodes = [createLeaf(0, [])]
      const leaves = new Set<OpenLeaf>()
      open = []
      freeSlots.length = 0
      for (let slot = work.slots - 1; slot >= 0; slot -= 1) freeSlots.push(slot)
      const canSplit = (rows: number, depth: number, others: number): boolean =>
        depth < maxDepth && rows >= 2 * rules.minRows && rows > 1 && others < maxLeaves
      const all = { begin: 0, count: sampled, restBegin: sampled, restCount: table.rows - sampled }
      const nothing = { gradient: 0, hessian: 0, rows: 0, low: -Infinity, high: Infinity }
      leaves.add(examine({ place: 0, depth: 0, rows: all, sums: nothing, slot: -1 }, allowed, rules))
      if (!canSplit(sampled, 0, 1)) open = []

      for (
        let next = takeNext(open, maxLeaves, depthWise);
        next;
        next = takeNext(open, maxLeaves, depthWise)
      ) {
        const { best } = next
        if (best === undefined || leaves.size >= maxLeaves) break
        const depth = next.depth + 1
        const wanted = [best.left, best.right].map(({ rows }) => canSplit(rows, depth, leaves.size + 1))
        const leftIsSmaller = best.left.rows <= best.right.rows
        const known = next.slot >= 0
        const summed = known && (wanted[0] || wanted[1]) ? (leftIsSmaller ? 1 : 2) : 0
        const parts = splitRows(next.rows, best, summed)
        const placePieces =
          Math.ceil(next.rows.count / parameters[parameter.rowsPerPiece]) +
          Math.ceil(next.rows.restCount / parameters[parameter.rowsPerPiece])
        const places = [nodes.length, nodes.length + 1]
        nodes.push(createLeaf(0, []), createLeaf(0, []))
        nodes[next.place].left = places[0]
        nodes[next.place].right = places[1]
        describe(nodes[next.place], best)
        const children = [best.left, best.right].map(
          (sums, side): OpenLeaf => ({ place: places[side], depth, rows: parts[side], sums, slot: -1 }),
        )
        leaves.delete(next)
        for (const child of children) leaves.add(child)
        if (summed === 0) {
          parameters[parameter.scanPieces] = 0
          parameters[parameter.placePieces] = placePieces
          job.run(command.finish, placePieces)
          if (known) freeSlots.push(next.slot)
          else
            for (const [side, child] of children.entries()) if (wanted[side]) examine(child, allowed, rules)
          continue
        }
        const [smaller, larger] = leftIsSmaller ? children : [children[1], children[0]]
        smaller.slot = takeSlot()
        larger.slot = next.slot
        parameters[parameter.slot] = smaller.slot
        parameters[parameter.parentSlot] = larger.slot
        parameters[parameter.firstIsSummed] = leftIsSmaller ? 1 : 0
        parameters[parameter.scanFirst] = wanted[0] ? 1 : 0
        parameters[parameter.scanSecond] = wanted[1] ? 1 : 0
        writeSums(figure.first, best.left)
        writeSums(figure.second, best.right)
        finish(placePieces)
        for (const side of [0, 1] as const) {
          if (wanted[side]) findBest(children[side], side, allowed, rules)
          else {
            freeSlots.push(children[side].slot)
            children[side].slot = -1
          }
        }
      }
      return { nodes, leaves: [...leaves].sort((a, b) => a.rows.begin - b.rows.begin) }
    },
  }
}

const growthOf = ({ best }: OpenLeaf): number => best?.growth ?? 0

/** Takes the leaf to split next: the most useful one, or of the highest level the most useful one. */
const takeNext = (open: OpenLeaf[], maxLeaves: number, depthWise: boolean): OpenLeaf | undefined => {
  // Without a limit every leaf gets split, in whatever order.
  if (maxLeaves === Infinity) return open.pop()
  let best = 0
  for (let at = 1; at < open.length; at += 1) {
    const levels = depthWise ? open[best].depth - open[at].depth : 0
    if (levels > 0 || (levels === 0 && growthOf(open[at]) > growthOf(open[best]))) best = at
  }
  return open.splice(best, 1)[0]
}

/** The output of a leaf, in the units of the histograms. */
export const leafOutput = (sums: NodeSums, rules: SplitRules): number =>
  outputOf(sums.gradient, sums.hessian, rules.l2, sums)
