import { alignFrame, describeInputs } from '../../align-frame.ts'
import { resolveTeam } from '../../jobs.ts'
import type { FitData, FitOptions } from '../../learner.ts'
import { createRandom } from '../../random.ts'
import type { Job } from '../../team.ts'
import { createBinnedTable } from '../binned-table.ts'
import type { TreeEnsemble } from '../ensemble.ts'
import type { SplitRules } from '../find-split.ts'
import type { GrownTree } from '../grown-tree.ts'
import { joinTrees } from '../join-trees.ts'
import { createArena } from '../kernels/arena.ts'
import { type PackedTree, packTree } from '../packed-tree.ts'
import { drawFlags, drawRows } from './draw.ts'
import { createGrower, type Growth, leafOutput } from './grow.ts'
import { placeFeatures } from './histograms.ts'
import { lossOf, type ObjectiveName } from './objective.ts'
import type { BoostingOptions } from './options.ts'
import { command, readRules } from './step.ts'
import { viewWork, type WorkViews } from './views.ts'
import { type BoostingWork, createWork, figure, parameter, rowsPerPiece } from './work.ts'

/** What is to be learnt; the target is a number, or the code of a class. */
export interface BoostingTask {
  readonly learner: string
  readonly objective: ObjectiveName
  readonly quantile: number
  readonly outputs: number
  readonly link: TreeEnsemble['link']
  /** The score of every row before the first tree. */
  readonly base: Float64Array
  readonly target: ArrayLike<number>
  readonly weights?: Float64Array
  readonly validation?: { readonly target: ArrayLike<number>; readonly weights?: Float64Array }
  /** Memory for the histograms of leaves; those that find no room are summed anew. Default 512 MB. */
  readonly histogramBytes?: number
}

/** The greatest power of 2 by which numbers of this sum can be multiplied so that they fit into 30 bits. */
const scaleFor = (sum: number): number =>
  sum > 0 ? 2 ** Math.max(-200, Math.min(200, Math.floor(Math.log2(2 ** 30 / sum)))) : 1

const areSmallIntegers = (weights: Float64Array): boolean =>
  weights.every(Number.isInteger) && weights.reduce((sum, weight) => sum + weight, 0) <= 2 ** 26

const sumPieces = ({ pieceSums }: WorkViews, pieces: number, offset: 0 | 1): number => {
  let sum = 0
  for (let piece = 0; piece < pieces; piece += 1) sum += pieceSums[piece * 2 + offset]
  return sum
}

const fillViews = (views: WorkViews, task: BoostingTask, trainingRows: number): void => {
  const { scores, stride, target } = views.objective
  task.base.forEach((base, output) => {
    scores.fill(base, output * stride, (output + 1) * stride)
  })
  target.set(task.target)
  if (task.validation) target.set(task.validation.target, trainingRows)
  if (views.weights.length === 0) return
  views.weights.fill(1)
  if (task.weights) views.weights.set(task.weights)
  if (task.validation?.weights) views.weights.set(task.validation.weights, trainingRows)
}

/** Rules in the units of the histograms: gradients × gradientScale, hessians × hessianScale. */
const writeRules = (figures: Float64Array, options: Required<BoostingOptions>, bounded: boolean): void => {
  const gradientScale = figures[figure.gradientScale]
  const hessianScale = figures[figure.hessianScale]
  figures[figure.l2] = options.l2Regularization * hessianScale
  figures[figure.minHessian] = Math.max(1, options.minChildWeight * hessianScale)
  figures[figure.minRows] = options.minSamplesLeaf
  figures[figure.minGrowth] = (options.minSplitGain * gradientScale ** 2) / hessianScale
  figures[figure.bounded] = bounded ? 1 : 0
  figures[figure.minCategoryRows] = options.catSmooth
  figures[figure.categorySmoothing] = options.catSmooth * hessianScale
  figures[figure.categoryL2] = options.catL2 * hessianScale
}

const resolveMonotone = (
  learner: string,
  columns: readonly string[],
  isNumber: (column: number) => boolean,
  constraints: Readonly<Record<string, -1 | 0 | 1>>,
): number[] => {
  for (const [name, direction] of Object.entries(constraints)) {
    const column = columns.indexOf(name)
    if (column < 0) throw new RangeError(`${learner}'s monotonicCst names '${name}', which is no column`)
    if (direction !== 0 && !isNumber(column))
      throw new RangeError(`${learner}'s monotonicCst names '${name}', whose categories have no order`)
  }
  return columns.map((name) => constraints[name] ?? 0)
}

/**
 * Grows trees on gradients (Friedman 2001; Chen & Guestrin 2016), over bins (Ke et al. 2017), until there are
 * nEstimators iterations, or the validation rows' mean loss has not become smaller for nIterNoChange of them.
 * Gradients are rounded to whole numbers, about 30 bits for the sum over all rows, so that sums are exact.
 */
export const fitBoosting = (
  task: BoostingTask,
  data: FitData,
  options: Required<BoostingOptions>,
  { signal, onProgress, onLoss, team: given }: FitOptions,
): TreeEnsemble => {
  const team = resolveTeam(given)
  const arena = createArena()
  const { frame, validation } = data
  const frames = validation ? [frame, alignFrame(describeInputs(frame), validation.frame)] : [frame]
  const table = createBinnedTable(
    task.learner,
    frames,
    { arena, team },
    {
      maxBins: options.maxBins,
      seed: options.seed,
      trainingRows: frame.rows,
      weights: task.weights,
      byRow: true,
    },
  )
  const monotone = resolveMonotone(
    task.learner,
    Object.keys(frame.columns),
    (column) => table.features[column].edges !== undefined,
    options.monotonicCst,
  )
  const maxLeaves = options.maxLeafNodes ?? Infinity
  const deepest = options.maxDepth === null ? Infinity : 2 ** options.maxDepth
  const most = Math.min(maxLeaves, deepest, Math.max(1, Math.floor(frame.rows / options.minSamplesLeaf)))
  const work = createWork(arena, {
    table,
    objective: task.objective,
    quantile: task.quantile,
    monotone,
    outputs: task.outputs,
    trainingRows: frame.rows,
    weighted: task.weights !== undefined || task.validation?.weights !== undefined,
    wholeWeights: task.weights === undefined || areSmallIntegers(task.weights),
    maxLeaves: most,
    members: team.size,
    slotBytes: task.histogramBytes ?? 2 ** 29,
  })
  const views = viewWork(work)
  fillViews(views, task, frame.rows)
  const job = team.start('boosting', work)
  const grower = createGrower(job, work, views, team.size, {
    maxLeaves,
    maxDepth: options.maxDepth ?? Infinity,
    depthWise: options.growth === 'depthWise',
  })

  const trees: PackedTree[] = []
  const bounded = monotone.some((direction) => direction !== 0)
  const pieces = Math.ceil(frame.rows / rowsPerPiece)
  const candidates = task.weights?.includes(0)
    ? Array.from(task.weights.keys()).filter((row) => task.weights?.[row] !== 0)
    : frame.rows
  const rows = typeof candidates === 'number' ? candidates : candidates.length
  const sampled = Math.max(1, Math.floor(rows * options.subsample))
  const features = table.features.length
  const drawnFeatures = Math.max(1, Math.floor(features * options.colsampleBytree))
  const watched = onLoss ? drawWatched(candidates, options.seed) : new Uint32Array()
  const heldOut = Uint32Array.from(
    { length: views.objective.stride - frame.rows },
    (_, row) => frame.rows + row,
  )
  let best = { loss: Infinity, iterations: 0 }
  for (let iteration = 0; iteration < options.nEstimators; iteration += 1) {
    signal?.throwIfAborted()
    const random = createRandom(options.seed, iteration)
    drawRows(views.rows, candidates, sampled, random)
    const allowed = drawFlags(features, drawnFeatures, random)
    if (placeFeatures(table, views, allowed)) job.run(command.gather, Math.ceil(table.rows / rowsPerPiece))
    if (task.objective === 'softmax') job.run(command.softmax, pieces)
    for (let output = 0; output < task.outputs; output += 1) {
      if (output > 0) drawRows(views.rows, candidates, sampled, createRandom(options.seed, iteration))
      views.parameters[parameter.output] = output
      job.run(command.gradients, pieces)
      views.figures[figure.gradientScale] = scaleFor(sumPieces(views, pieces, 0))
      views.figures[figure.hessianScale] = scaleFor(sumPieces(views, pieces, 1))
      job.run(command.quantise, pieces)
      writeRules(views.figures, options, bounded)
      const growth = grower.grow(sampled, allowed)
      trees.push(packTree(finishTree(growth, { job, work, views }, options.learningRate), 1))
    }
    onProgress?.(iteration + 1, options.nEstimators)
    const loss = task.validation && meanLoss(views, task, heldOut)
    onLoss?.({ iteration: iteration + 1, training: meanLoss(views, task, watched), validation: loss })
    if (loss === undefined) continue
    if (loss < best.loss - (best.loss === Infinity ? 0 : options.tol))
      best = { loss, iterations: iteration + 1 }
    else if (iteration + 1 - best.iterations >= options.nIterNoChange) break
  }
  const kept = task.validation ? trees.slice(0, Math.max(1, best.iterations) * task.outputs) : trees
  return joinTrees(kept, {
    features,
    outputs: task.outputs,
    valuesPerLeaf: 1,
    treeOutput: Uint16Array.from(kept, (_, index) => index % task.outputs),
    base: task.base,
    aggregate: 'sum',
    link: task.link,
  })
}

/** The loss of so many training rows is told: of all of them it would take as long as growing a small tree. */
const watchedRows = 50_000

/** A row of each stretch of equal length, drawn: where data come in turns, each k-th row might be of one kind. */
const drawWatched = (candidates: number | readonly number[], seed: number): Uint32Array => {
  const count = typeof candidates === 'number' ? candidates : candidates.length
  const length = Math.min(count, watchedRows)
  const random = createRandom(seed, -2)
  return Uint32Array.from({ length }, (_, stretch) => {
    const begin = Math.floor((stretch * count) / length)
    const end = Math.floor(((stretch + 1) * count) / length)
    const at = begin + random.below(end - begin)
    return typeof candidates === 'number' ? at : candidates[at]
  })
}

/** The weighted mean of the losses of these rows. */
const meanLoss = ({ objective, weights }: WorkViews, task: BoostingTask, rows: Uint32Array): number => {
  let sum = 0
  let total = 0
  for (const row of rows) {
    const weight = weights.length === 0 ? 1 : weights[row]
    sum += weight * lossOf(task.objective, task.quantile, objective, row)
    total += weight
  }
  return sum / total
}

/** Gives the leaves their values, adds them to the scores, and counts what came to each node. */
const finishTree = (
  { nodes, leaves }: Growth,
  { job, work, views }: { readonly job: Job; readonly work: BoostingWork; readonly views: WorkViews },
  learningRate: number,
): GrownTree => {
  const { figures, parameters, leafStarts, leafRestStarts, leafValues, weights, rows } = views
  const rules: SplitRules = readRules(figures)
  const gradientScale = figures[figure.gradientScale]
  const hessianScale = figures[figure.hessianScale]
  leaves.forEach(({ sums, rows: of }, leaf) => {
    leafStarts[leaf] = of.begin
    leafRestStarts[leaf] = of.restBegin
    leafValues[leaf] = leafOutput(sums, rules) * (hessianScale / gradientScale)
  })
  const last = leaves[leaves.length - 1].rows
  leafStarts[leaves.length] = last.begin + last.count
  leafRestStarts[leaves.length] = last.restBegin + last.restCount
  parameters[parameter.leaves] = leaves.length
  if (work.objective === 'absolute_error' || work.objective === 'quantile')
    job.run(command.renew, leaves.length)
  leaves.forEach(({ place, sums }, leaf) => {
    leafValues[leaf] = Math.fround(leafValues[leaf] * learningRate)
    const node = nodes[place]
    node.values = [leafValues[leaf]]
    node.cover = sums.rows
    if (weights.length === 0) return
    node.cover = 0
    for (let at = leafStarts[leaf]; at < leafStarts[leaf + 1]; at += 1) node.cover += weights[rows[at]]
  })
  job.run(command.score, Math.ceil(work.table.rows / rowsPerPiece))
  // Children come after their parents.
  for (let place = nodes.length - 1; place >= 0; place -= 1) {
    const node = nodes[place]
    if (node.feature < 0) continue
    node.cover = nodes[node.left].cover + nodes[node.right].cover
    node.gain *= hessianScale / gradientScale ** 2
    node.values = [0]
  }
  return nodes
}
