import type { JobMaker } from '../../team.ts'
import {
  createCategoryOrder,
  createNumberScanner,
  type NodeSums,
  type SplitRules,
  scanCategories,
  scanNumbers,
  splitFields,
} from '../find-split.ts'
import { loadKernels } from '../kernels/kernels.ts'
import { createAddRows, gatherBins } from './histograms.ts'
import { gradientsOf, minHessian, softmax } from './objective.ts'
import { renewLeaf } from './renew.ts'
import { viewWork, type WorkViews } from './views.ts'
import { type BoostingWork, figure, parameter, rowsPerPiece } from './work.ts'

/** What can be asked of the threads of a boosting fit. */
export const command = {
  /** Piece: rows. */
  softmax: 0,
  gradients: 1,
  quantise: 2,
  /** Pieces: of the node's rows. Sums them. */
  sum: 3,
  /** Pieces: of the node's sampled rows, then of its others. Splits them, and sums those of the smaller child. */
  split: 4,
  /**
   * Pieces as above, then groups of features. Copies the split rows to their places; finishes the histograms of each
   * feature and finds its best split.
   */
  finish: 5,
  /** Piece: rows. Adds the values of leaves to the scores. */
  score: 6,
  /** Piece: a leaf. Sets its value to a quantile of what is left to explain. */
  renew: 7,
  /** Piece: rows. Puts the bins of the drawn features together. */
  gather: 8,
} as const

export const readRules = (figures: Float64Array): SplitRules => ({
  l2: figures[figure.l2],
  minHessian: figures[figure.minHessian],
  minRows: figures[figure.minRows],
  minGrowth: figures[figure.minGrowth],
  bounded: figures[figure.bounded] === 1,
  minCategoryRows: figures[figure.minCategoryRows],
  categorySmoothing: figures[figure.categorySmoothing],
  categoryL2: figures[figure.categoryL2],
})

const readSums = (figures: Float64Array, at: number): NodeSums => ({
  gradient: figures[at],
  hessian: figures[at + 1],
  rows: figures[at + 2],
  low: figures[at + 3],
  high: figures[at + 4],
})

/** Adds up |gradient| and hessian of a piece, weighted; the scale of the whole numbers follows from it. */
const sumPiece = ({ gradients, weights, pieceSums }: WorkViews, piece: number, end: number): void => {
  let gradient = 0
  let hessian = 0
  if (weights.length === 0)
    for (let row = piece * rowsPerPiece; row < end; row += 1) {
      gradient += Math.abs(gradients[row * 2])
      hessian += gradients[row * 2 + 1]
    }
  for (let row = piece * rowsPerPiece; row < Math.min(end, weights.length); row += 1) {
    const weight = weights[row]
    gradient += Math.abs(gradients[row * 2]) * weight
    hessian += gradients[row * 2 + 1] * weight
  }
  pieceSums[piece * 2] = gradient
  pieceSums[piece * 2 + 1] = hessian
}

/** To the nearest whole number, for |value| < 2^31, as the kernel does. */
const round = (value: number): number => (value < 0 ? value - 0.5 : value + 0.5) | 0

/** Makes weighted whole numbers of gradients and hessians, in their place. */
const quantiseWeighted = (views: WorkViews, whole: boolean, begin: number, end: number): void => {
  const { gradients, quantised, weights, figures } = views
  const gradientScale = figures[figure.gradientScale]
  const hessianScale = figures[figure.hessianScale]
  for (let row = begin; row < end; row += 1) {
    const weight = weights[row]
    const gradient = gradients[row * 2] * gradientScale
    const hessian = gradients[row * 2 + 1] * hessianScale
    // Rounded before it is weighed, a row of weight 2 is the row twice to the last bit.
    quantised[row * 2] = whole ? round(gradient) * weight : round(gradient * weight)
    quantised[row * 2 + 1] = whole ? round(hessian) * weight : round(hessian * weight)
  }
}

export const boostingJob: JobMaker<BoostingWork> = (work, { index, size }) => {
  const { at, table, trainingRows, objective, monotone } = work
  const kernels = loadKernels(work.memory)
  const views = viewWork(work)
  const { parameters, figures, pieceLefts, used, entries, splits, places } = views
  const addRows = createAddRows(table, kernels, at.gradients, views)
  const gradients = gradientsOf(objective, work.quantile, (_view, _output, begin, end) => {
    const [scores, pairs] = [at.scores, at.gradients].map((place) => place + begin * 8)
    kernels.logistic(scores, at.target + begin, end - begin, pairs, minHessian)
  })
  const ownHistogram = at.own + index * table.histogramBytes
  const widest = Math.max(...table.features.map(({ bins }) => bins))
  const order = createCategoryOrder(widest)
  const scanFree = createNumberScanner(kernels, entries)

  const sum = (rows: number, count: number): void => {
    addRows(rows, count, ownHistogram)
    used[index] = 1
  }

  /** The rows of a piece of the node, and where the number of those that go left is kept. */
  const pieceOf = (piece: number) => {
    const perPiece = parameters[parameter.rowsPerPiece]
    const pieces = Math.ceil(parameters[parameter.count] / perPiece)
    const sampled = piece < pieces
    const from = parameters[sampled ? parameter.begin : parameter.restBegin]
    const count = parameters[sampled ? parameter.count : parameter.restCount]
    const begin = from + (sampled ? piece : piece - pieces) * perPiece
    const end = Math.min(begin + perPiece, from + count)
    // One more between the two, where the last sampled piece ends.
    return { sampled, from, begin, end, kept: sampled ? piece : piece + 1 }
  }

  const splitPiece = (piece: number): void => {
    const { sampled, begin, end, kept } = pieceOf(piece)
    const { column, shift, mask } = table.features[parameters[parameter.feature]]
    const left = at.left + begin * 4
    const right = at.right + begin * 4
    const rows = end - begin
    const toLeft = kernels.partition(column, shift, mask, at.sides, at.rows + begin * 4, rows, left, right)
    pieceLefts[kept] = toLeft
    const summed = parameters[parameter.summed]
    if (!sampled || summed === 0) return
    if (summed === 1) sum(left, toLeft)
    else sum(right, rows - toLeft)
  }

  const placePiece = (piece: number): void => {
    const { sampled, from, begin, end, kept } = pieceOf(piece)
    const leftTo = pieceLefts[kept]
    const lefts = pieceLefts[kept + 1] - leftTo
    // Behind all that go left, and those of earlier pieces that do not.
    const rightTo =
      from + parameters[sampled ? parameter.leftRows : parameter.restLeftRows] + (begin - leftTo)
    kernels.copy(at.rows + leftTo * 4, at.left + begin * 4, lefts * 4)
    kernels.copy(at.rows + rightTo * 4, at.right + begin * 4, (end - begin - lefts) * 4)
  }

  const scan = (
    feature: number,
    histogram: number,
    child: 0 | 1,
    node: NodeSums,
    rules: SplitRules,
  ): void => {
    const { bins, edges } = table.features[feature]
    const first = (histogram + places[feature]) / 4
    const place = (child * table.features.length + feature) * splitFields
    const found = splits.subarray(place, place + splitFields)
    if (edges === undefined) scanCategories(entries, first, bins, node, rules, order, found)
    else if (!rules.bounded) scanFree(first, bins, node, rules, found, at.splits + place * 8)
    else scanNumbers(entries, first, bins, node, rules, monotone[feature], found)
  }

  /** Gathers the members' sums of one feature, takes them from the parent's, and scans both children. */
  const finishFeature = (feature: number, nodes: readonly NodeSums[], rules: SplitRules): void => {
    const { bins } = table.features[feature]
    const part = places[feature]
    const bytes = bins * 16
    const summed = at.slots + parameters[parameter.slot] * table.histogramBytes
    let fresh = true
    for (let member = 0; member < size; member += 1) {
      if (used[member] === 0) continue
      const own = at.own + member * table.histogramBytes + part
      if (fresh) kernels.move(summed + part, own, bytes)
      else {
        kernels.add(summed + part, own, bytes)
        entries.fill(0, own / 4, (own + bytes) / 4)
      }
      fresh = false
    }
    const other = parameters[parameter.parentSlot]
    const rest = at.slots + other * table.histogramBytes
    if (other >= 0) kernels.subtract(rest + part, summed + part, bytes)
    const firstIsSummed = parameters[parameter.firstIsSummed] === 1
    if (parameters[parameter.scanFirst] === 1)
      scan(feature, firstIsSummed ? summed : rest, 0, nodes[0], rules)
    if (parameters[parameter.scanSecond] === 1)
      scan(feature, firstIsSummed ? rest : summed, 1, nodes[1], rules)
  }

  const quantise = (begin: number, end: number): void => {
    if (views.weights.length > 0) quantiseWeighted(views, work.wholeWeights, begin, end)
    else
      kernels.quantise(
        at.gradients + begin * 8,
        end - begin,
        figures[figure.gradientScale],
        figures[figure.hessianScale],
      )
  }

  /** Adds the value of its leaf to the score of each row in the places from `begin` up to `end`. */
  const scoreRows = (starts: Int32Array, begin: number, end: number, scores: number): void => {
    let leaf = 0
    while (starts[leaf + 1] <= begin) leaf += 1
    for (let place = begin; place < end; leaf += 1) {
      const last = Math.min(end, starts[leaf + 1])
      if (last > place) kernels.addAt(scores, at.rows + place * 4, last - place, views.leafValues[leaf])
      place = last
    }
  }

  return (kind, piece) => {
    const begin = piece * rowsPerPiece
    const end = Math.min(begin + rowsPerPiece, trainingRows)
    switch (kind) {
      case command.softmax:
        softmax(views.objective, begin, end)
        return
      case command.gradients:
        gradients(views.objective, parameters[parameter.output], begin, end, views.gradients)
        sumPiece(views, piece, end)
        return
      case command.quantise:
        quantise(begin, end)
        return
      case command.sum: {
        const from = parameters[parameter.begin] + piece * parameters[parameter.rowsPerPiece]
        const last = parameters[parameter.begin] + parameters[parameter.count]
        sum(at.rows + from * 4, Math.min(parameters[parameter.rowsPerPiece], last - from))
        return
      }
      case command.split:
        splitPiece(piece)
        return
      case command.finish: {
        const copies = parameters[parameter.placePieces]
        if (piece < copies) return placePiece(piece)
        const step = parameters[parameter.scanPieces]
        const rules = readRules(figures)
        const nodes = [readSums(figures, figure.first), readSums(figures, figure.second)]
        for (let feature = piece - copies; feature < table.features.length; feature += step)
          if (places[feature] >= 0) finishFeature(feature, nodes, rules)
        return
      }
      case command.score: {
        const leaves = parameters[parameter.leaves]
        const sampled = views.leafStarts[leaves]
        const last = Math.min(begin + rowsPerPiece, table.rows)
        const scores = at.scores + parameters[parameter.output] * table.rows * 8
        if (begin < sampled) scoreRows(views.leafStarts, begin, Math.min(last, sampled), scores)
        if (last > sampled) scoreRows(views.leafRestStarts, Math.max(begin, sampled), last, scores)
        return
      }
      case command.renew:
        renewLeaf(views, work.quantile, piece)
        return
      case command.gather:
        gatherBins(table, kernels, views, piece)
    }
  }
}
