import type { Frame } from '../../frame.ts'
import { resolveTeam } from '../../jobs.ts'
import type { FitOptions } from '../../learner.ts'
import { createBinnedTable } from '../binned-table.ts'
import type { TreeEnsemble } from '../ensemble.ts'
import { joinTrees } from '../join-trees.ts'
import { createArena } from '../kernels/arena.ts'
import type { PackedTree } from '../packed-tree.ts'
import { countTried, type ForestOptions } from './options.ts'
import { entryBytes, type ForestWork, takeMemberMemory } from './work.ts'

/** What is to be learnt. */
export interface ForestTask {
  readonly learner: string
  /** The number of classes; 0 if numbers are learnt. */
  readonly classes: number
  readonly target: ArrayLike<number>
  readonly weights?: Float64Array
  readonly entropy: boolean
  readonly randomCuts: boolean
}

const share = (values: ArrayLike<number>): Float64Array => {
  const shared = new Float64Array(new SharedArrayBuffer(values.length * 8))
  shared.set(values)
  return shared
}

/**
 * Grows the trees of a forest (Breiman 2001) or of extra trees (Geurts, Ernst & Wehenkel 2006) over bins, each of
 * rows and columns that it draws by itself.
 */
export const fitForest = (
  task: ForestTask,
  frame: Frame,
  options: Required<ForestOptions>,
  { signal, onProgress, team: given }: FitOptions,
): TreeEnsemble => {
  const team = resolveTeam(given)
  const arena = createArena()
  const { classes } = task
  const table = createBinnedTable(
    task.learner,
    [frame],
    { arena, team },
    {
      maxBins: options.maxBins,
      seed: options.seed,
      trainingRows: frame.rows,
      weights: task.weights,
      byRow: false,
    },
  )
  const sums = classes > 2 || (classes > 0 && task.entropy) ? 'classes' : 'numbers'
  const entry = entryBytes({ sums, classes })
  const mean = classes > 0 ? 0 : meanOf(task)
  const work: ForestWork = {
    table,
    sums,
    classes,
    // Numbers around 0 have the more digits when they are rounded to whole numbers.
    target: share(mean === 0 ? task.target : Float64Array.from(task.target, (value) => value - mean)),
    weights: task.weights && share(task.weights),
    rules: {
      maxDepth: options.maxDepth ?? Infinity,
      minSamplesSplit: options.minSamplesSplit,
      minSamplesLeaf: options.minSamplesLeaf,
      tried: countTried(options.maxFeatures, table.features.length),
      minImpurityDecrease: options.minImpurityDecrease,
      drawn: options.bootstrap ? Math.max(1, Math.round(frame.rows * options.maxSamples)) : 0,
      entropy: task.entropy,
      randomCuts: task.randomCuts,
      seed: options.seed,
    },
    members: Array.from({ length: team.size }, () => takeMemberMemory(arena, table, entry)),
    memory: arena.memory,
  }
  const job = team.start('forest', work)
  const trees = job.run(0, options.nEstimators, (taken) => {
    signal?.throwIfAborted()
    onProgress?.(taken, options.nEstimators)
  }) as PackedTree[]
  return joinTrees(trees, {
    features: table.features.length,
    outputs: Math.max(1, classes),
    valuesPerLeaf: Math.max(1, classes),
    treeOutput: new Uint16Array(trees.length),
    base: new Float64Array(Math.max(1, classes)).fill(mean),
    aggregate: 'average',
    link: 'identity',
  })
}

const meanOf = ({ target, weights }: ForestTask): number => {
  let sum = 0
  let total = 0
  for (let row = 0; row < target.length; row += 1) {
    const weight = weights?.[row] ?? 1
    sum += target[row] * weight
    total += weight
  }
  return sum / total
}
