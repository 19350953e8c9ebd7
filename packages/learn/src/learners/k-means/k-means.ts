import { describeInputs } from '../../align-frame.ts'
import type { LearnerKind, LearnerSpec } from '../../learner.ts'
import type { Model } from '../../model.ts'
import {
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
  seedOption,
} from '../../options.ts'
import { createRandom } from '../../random.ts'
import { checkNumbers, checkPart, checkTask } from '../check-model.ts'
import { readFeatures, toRows } from '../features.ts'
import { type PointTable, readPoints } from '../point-table.ts'
import { assignRows } from './distances.ts'
import { drawRandomCentres, drawSpreadCentres } from './initial-centres.ts'
import { type Clusters, runLloyd } from './lloyd.ts'
import { kMeansToOnnx } from './to-onnx.ts'

type InitialCentres = 'k-means++' | 'random' | readonly (readonly number[])[]

export interface KMeansOptions {
  /** Default 8. */
  readonly nClusters?: number
  /** How the first centres are chosen, or the centres themselves. Default 'k-means++'. */
  readonly init?: InitialCentres
  /** Runs from other first centres; the one of the least inertia is kept. Default 1, 10 for 'random'. */
  readonly nInit?: number
  /** Most iterations of a run. Default 300. */
  readonly maxIter?: number
  /** Stop when the squares of the centres' moves add up to this × the mean variance of the columns. Default 1e-4. */
  readonly tol?: number
  /** Default 0. */
  readonly seed?: number
}
export interface KMeansSpec extends LearnerSpec {
  readonly kind: 'kMeans'
}
export interface KMeansModel extends Model, Clusters {
  readonly kind: 'kMeans'
  readonly output: { readonly task: 'clustering'; readonly clusters: number }
}

const initOption: OptionRule<InitialCentres> = (name, value = 'k-means++') => {
  if (value === 'k-means++' || value === 'random') return value
  const proper =
    Array.isArray(value) && value.every((centre) => Array.isArray(centre) && centre.every(Number.isFinite))
  if (!proper)
    throw new RangeError(
      `${name} must be 'k-means++', 'random' or a list of centres, not ${JSON.stringify(value)}`,
    )
  return value
}

const rules: OptionRules<Required<KMeansOptions>> = {
  nClusters: integerOption(8, 1, 2 ** 31 - 1),
  init: initOption,
  // 0 stands for the default, which depends on `init`.
  nInit: (name, value) => (value === undefined ? 0 : integerOption(1, 1, 1e6)(name, value)),
  maxIter: integerOption(300, 1, 1e9),
  tol: numberOption(1e-4, { min: 0 }),
  seed: seedOption,
}

/**
 * k-means: the centres with the least Σ weight × squared Euclidean distance of a row to the nearest of them
 * (inertia), as far as Lloyd's algorithm finds them; scikit-learn's KMeans. Every nearest centre is a cluster. No
 * target. Columns should be of one scale (`standardScale`). Takes numbers and booleans without missing values.
 * Throws a RangeError for wrong options and for fewer different rows than clusters.
 */
export const kMeans = (options: KMeansOptions = {}): KMeansSpec => makeSpec('kMeans', rules, options)

const meanVariance = ({ rows, width, values, weights }: PointTable): number => {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let variance = 0
  for (let column = 0; column < width; column += 1) {
    let mean = 0
    for (let row = 0; row < rows; row += 1) mean += (weights[row] * values[row * width + column]) / total
    for (let row = 0; row < rows; row += 1)
      variance += (weights[row] * (values[row * width + column] - mean) ** 2) / total
  }
  return variance / width
}

const chooseCentres = (
  init: InitialCentres,
  points: PointTable,
  nClusters: number,
  [seed, run]: readonly [number, number],
): Float64Array => {
  if (init === 'k-means++') return drawSpreadCentres(points, nClusters, createRandom(seed, run))
  if (init === 'random') return drawRandomCentres(points, nClusters, createRandom(seed, run))
  if (init.length !== nClusters || init.some((centre) => centre.length !== points.width))
    throw new RangeError(`kMeans's init must be ${nClusters} centres of ${points.width} numbers`)
  return Float64Array.from(init.flat())
}

export const kMeansKind: LearnerKind<KMeansModel, KMeansSpec> = {
  kind: 'kMeans',
  fit(spec, data, { signal, onProgress }) {
    const { nClusters, init, nInit, maxIter, tol, seed } = resolveOptions('kMeans', rules, spec.options)
    const points = readPoints('kMeans', data)
    if (points.distinct < nClusters)
      throw new RangeError(
        `kMeans needs as many different rows as clusters; there are ${points.distinct} for ${nClusters}`,
      )
    const limits = {
      maxIter,
      tol: tol * meanVariance(points),
      onIteration: () => signal?.throwIfAborted(),
    }
    const runs = nInit || (init === 'random' ? 10 : 1)
    let best: Clusters | undefined
    for (let run = 0; run < runs; run += 1) {
      const found = runLloyd(points, chooseCentres(init, points, nClusters, [seed, run]), limits)
      if (!best || found.inertia < best.inertia) best = found
      onProgress?.(run + 1, runs)
    }
    if (!best) throw new RangeError('kMeans needs a run')
    return {
      kind: 'kMeans',
      inputs: describeInputs(data.frame),
      output: { task: 'clustering', clusters: nClusters },
      ...best,
    }
  },
  predict({ kind, centres }, frame) {
    const features = readFeatures(kind, frame)
    const clusters = new Int32Array(frame.rows)
    const squares = new Float64Array(frame.rows)
    // For few rows the reaches of many centres would cost more than they save.
    const reaches = new Float64Array(centres.length / features.length)
    assignRows(toRows(features, frame.rows), features.length, { centres, reaches }, clusters, squares)
    return { task: 'clustering', clusters, distances: squares.map(Math.sqrt) }
  },
  check({ inputs, output, centres }) {
    checkTask('clustering', output)
    checkPart('clusters', output.clusters, integerOption(1, 1, 2 ** 31 - 1))
    checkNumbers('centres', centres, output.clusters * inputs.length)
  },
  toOnnx: kMeansToOnnx,
}
