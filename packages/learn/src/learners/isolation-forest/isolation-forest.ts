import { describeInputs } from '../../align-frame.ts'
import type { Frame } from '../../frame.ts'
import type { FitOptions, LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import {
  flagOption,
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
  seedOption,
} from '../../options.ts'
import { findQuantiles } from '../../quantiles.ts'
import { createRandom } from '../../random.ts'
import { checkEnsemble } from '../../trees/check-ensemble.ts'
import type { TreeEnsemble } from '../../trees/ensemble.ts'
import { toTreeFeatures } from '../../trees/features.ts'
import { drawSample } from '../../trees/isolation/draw-sample.ts'
import { growIsolationTree } from '../../trees/isolation/grow.ts'
import { joinTrees } from '../../trees/join-trees.ts'
import { predictTrees } from '../../trees/predict.ts'
import { checkTask } from '../check-model.ts'
import { makeScore } from './score.ts'
import { isolationForestToOnnx } from './to-onnx.ts'

/** Named as in scikit-learn, with its defaults. */
export interface IsolationForestOptions {
  /** Number of trees. Default 100. */
  readonly nEstimators?: number
  /** Rows that each tree draws: 'auto' (256, or all if there are fewer), a count, or a share below 1. Default 'auto'. */
  readonly maxSamples?: 'auto' | number
  /** Share of the columns that each tree draws, (0, 1]. Default 1. */
  readonly maxFeatures?: number
  /** The share of outliers among the training rows, (0, 0.5], or 'auto': outliers score above 0.5. Default 'auto'. */
  readonly contamination?: 'auto' | number
  /** Draw rows with replacement. Default false. */
  readonly bootstrap?: boolean
  /** Of all draws. Default 0. */
  readonly seed?: number
}
export interface IsolationForestSpec extends LearnerSpec {
  readonly kind: 'isolationForest'
}
export interface IsolationForestModel extends Model {
  readonly kind: 'isolationForest'
  readonly output: { readonly task: 'anomaly' }
  /** One output: the mean length of the paths. */
  readonly trees: TreeEnsemble
  /** Rows that each tree drew. */
  readonly sample: number
  /** Rows that score above it are outliers. */
  readonly threshold: number
}

const autoOr =
  (proper: (value: number) => boolean, wanted: string): OptionRule<'auto' | number> =>
  (name, value = 'auto') => {
    if (value === 'auto' || (typeof value === 'number' && proper(value))) return value
    throw new RangeError(`${name} must be 'auto' or ${wanted}, not ${JSON.stringify(value)}`)
  }

const rules: OptionRules<Required<IsolationForestOptions>> = {
  nEstimators: integerOption(100, 1, 100_000),
  maxSamples: autoOr(
    (value) => (value > 0 && value < 1) || (Number.isInteger(value) && value >= 1),
    'a count >= 1 or a share > 0 and < 1',
  ),
  maxFeatures: numberOption(1, { above: 0, max: 1 }),
  contamination: autoOr((value) => value > 0 && value <= 0.5, 'a share > 0 and <= 0.5'),
  bootstrap: flagOption(false),
  seed: seedOption,
}

/**
 * An isolation forest (Liu, Ting & Zhou 2008): rows that random cuts part from the others soon are strange. The score
 * is 2^(-mean path length / mean path length of a search tree). Takes numbers and booleans, with missing values.
 * Weights must be whole numbers: a row of weight 2 is drawn from as if it were there twice.
 * Throws a RangeError for wrong options.
 */
export const isolationForest = (options: IsolationForestOptions = {}): IsolationForestSpec =>
  makeSpec('isolationForest', rules, options)

const checkColumns = ({ columns }: Frame): void => {
  const found = Object.entries(columns).find(([, { kind }]) => kind !== 'numeric' && kind !== 'boolean')
  if (!found) return
  const hint = found[1].kind === 'categorical' ? 'oneHot() or targetEncode()' : 'dateParts()'
  throw new TypeError(
    `column '${found[0]}' is ${found[1].kind}; isolationForest takes numbers: put ${hint} before it`,
  )
}

/** Each row as often as its weight says. */
const repeatRows = (rows: number, weights: Float64Array | undefined): Uint32Array => {
  if (!weights) return Uint32Array.from({ length: rows }, (_, row) => row)
  const bad = weights.findIndex((weight) => !Number.isInteger(weight))
  if (bad >= 0)
    throw new RangeError(`isolationForest takes whole numbers as weights; row ${bad} has ${weights[bad]}`)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total > 2 ** 31) throw new RangeError(`isolationForest takes weights up to 2^31 in all, not ${total}`)
  const repeated = new Uint32Array(total)
  let at = 0
  weights.forEach((weight, row) => {
    repeated.fill(row, at, at + weight)
    at += weight
  })
  return repeated
}

const countSample = (option: 'auto' | number, rows: number): number => {
  if (option === 'auto') return Math.min(256, rows)
  return option < 1 ? Math.max(1, Math.floor(option * rows)) : Math.min(option, rows)
}

const growTrees = (
  features: readonly Float32Array[],
  population: Uint32Array,
  sample: number,
  options: Required<IsolationForestOptions>,
  { signal, onProgress }: FitOptions,
): TreeEnsemble => {
  const maxDepth = Math.ceil(Math.log2(Math.max(sample, 2)))
  const columns = Math.max(1, Math.floor(options.maxFeatures * features.length))
  const trees = Array.from({ length: options.nEstimators }, (_, tree) => {
    signal?.throwIfAborted()
    const random = createRandom(options.seed, tree)
    const drawn = drawSample(population.length, sample, options.bootstrap, random)
    const allowed = drawSample(features.length, columns, false, random).sort()
    const grown = growIsolationTree(
      features,
      drawn.map((place) => population[place]),
      allowed,
      maxDepth,
      random,
    )
    onProgress?.(tree + 1, options.nEstimators)
    return grown
  })
  return joinTrees(trees, {
    features: features.length,
    outputs: 1,
    valuesPerLeaf: 1,
    treeOutput: new Uint16Array(trees.length),
    base: new Float64Array(1),
    aggregate: 'average',
    link: 'identity',
  })
}

const score = (
  { trees, sample }: Pick<IsolationForestModel, 'trees' | 'sample'>,
  features: readonly Float32Array[],
  rows: number,
): Float64Array => predictTrees(trees, features, rows).map(makeScore(sample))

export const isolationForestKind: LearnerKind<IsolationForestModel, IsolationForestSpec> = {
  kind: 'isolationForest',
  fit(spec, { frame, weights }, options) {
    const resolved = resolveOptions('isolationForest', rules, spec.options)
    checkColumns(frame)
    const features = toTreeFeatures(frame)
    const population = repeatRows(frame.rows, weights)
    const sample = countSample(resolved.maxSamples, population.length)
    const trees = growTrees(features, population, sample, resolved, options)
    const { contamination } = resolved
    const threshold =
      contamination === 'auto'
        ? 0.5
        : findQuantiles(score({ trees, sample }, features, frame.rows), [1 - contamination], weights)[0]
    return {
      kind: 'isolationForest',
      inputs: describeInputs(frame),
      output: { task: 'anomaly' },
      trees,
      sample,
      threshold,
    }
  },
  predict(model, frame) {
    const scores = score(model, toTreeFeatures(frame), frame.rows)
    return {
      task: 'anomaly',
      scores,
      outliers: Uint8Array.from(scores, (one) => (one > model.threshold ? 1 : 0)),
    }
  },
  check({ trees, inputs, output, sample, threshold }) {
    checkTask('anomaly', output)
    checkEnsemble(trees, inputs.length, 1)
    if (!Number.isInteger(sample) || sample < 1) throw new RangeError(`the model's sample is ${sample}`)
    if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1))
      throw new RangeError(`the model's threshold is ${threshold}`)
  },
  toOnnx: isolationForestToOnnx,
}
