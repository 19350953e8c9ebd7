import { describeInputs } from '../../align-frame.ts'
import type { Frame } from '../../frame.ts'
import type { FitData } from '../../learner.ts'
import type { Model } from '../../model.ts'
import { choiceOption, integerOption, type OptionRules } from '../../options.ts'
import { checkLength, checkPart } from '../check-model.ts'
import { readFeatures, toRows } from '../features.ts'
import { readPoints } from '../point-table.ts'
import { createNeighborSearch, type Metric, type Neighbors } from './find-neighbors.ts'
import { buildKdTree, checkKdTree, type KdTree } from './k-d-tree.ts'

export interface KNeighborsOptions {
  /** How many of the nearest rows are asked; a row counts as much as its weight. Default 5. */
  readonly nNeighbors?: number
  /** Whether the nearest count alike, or by 1 / distance (only those at distance 0, if any). Default 'uniform'. */
  readonly weights?: 'uniform' | 'distance'
  /** 'cosine' is 1 - cos of the angle between two rows. Default 'euclidean'. */
  readonly metric?: Metric
}

export const kNeighborsRules: OptionRules<Required<KNeighborsOptions>> = {
  nNeighbors: integerOption(5, 1, 2 ** 31 - 1),
  weights: choiceOption('uniform', ['uniform', 'distance']),
  metric: choiceOption('euclidean', ['euclidean', 'manhattan', 'cosine']),
}

/** What both models of nearest neighbours have. */
export interface KNeighborsModel extends Model {
  readonly nNeighbors: number
  readonly weighting: 'uniform' | 'distance'
  readonly metric: Metric
  readonly tree: KdTree
  /** Weights of the points of the tree. */
  readonly weights: Float64Array
  /** Targets of the points: numbers, or codes of classes. */
  readonly targets: Float64Array
}

/** Makes each row as long as 1; throws a RangeError for one of zeros. */
const normalize = (kind: string, table: Float64Array, width: number): Float64Array => {
  for (let start = 0; start < table.length; start += width) {
    const row = table.subarray(start, start + width)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    if (length === 0)
      throw new RangeError(
        `${kind} of metric 'cosine' takes no row of zeros, such as row ${start / width}: it has no direction`,
      )
    for (let column = 0; column < width; column += 1) row[column] /= length
  }
  return table
}

/** What the two learners have in common; throws as `readFeatures`, and a RangeError for fewer rows than neighbours. */
export const fitKNeighbors = (
  kind: string,
  options: Required<KNeighborsOptions>,
  data: FitData,
  targets: ArrayLike<number>,
): Omit<KNeighborsModel, 'kind' | 'output'> => {
  const { nNeighbors, weights: weighting, metric } = options
  const { width, values, weights, sources } = readPoints(kind, data, targets)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total < nNeighbors)
    throw new RangeError(`${kind}'s nNeighbors is ${nNeighbors}, but the rows weigh ${total} together`)
  const points = Float64Array.from(values)
  if (metric === 'cosine') normalize(kind, points, width)
  const tree = buildKdTree(points, width)
  return {
    inputs: describeInputs(data.frame),
    nNeighbors,
    weighting,
    metric,
    tree,
    weights: Float64Array.from(tree.ranks, (point) => weights[point]),
    targets: Float64Array.from(tree.ranks, (point) => targets[sources[point]]),
  }
}

/** Turns the masses of the neighbours into shares by 1 / distance, in place. */
const weighByDistance = ({ count, distances, masses }: Neighbors): void => {
  const exact = count > 0 && distances[0] === 0
  for (let at = 0; at < count; at += 1) {
    if (!exact) masses[at] /= distances[at]
    else if (distances[at] > 0) masses[at] = 0
  }
}

/** Calls `use` with the neighbours of every row. */
export const forNeighbors = (
  model: KNeighborsModel,
  frame: Frame,
  use: (row: number, neighbors: Neighbors) => void,
): void => {
  const { kind, metric, nNeighbors, weighting, tree, weights } = model
  const table = Float64Array.from(toRows(readFeatures(kind, frame), frame.rows))
  if (metric === 'cosine') normalize(kind, table, tree.width)
  const search = createNeighborSearch(tree, weights, metric, nNeighbors)
  for (let row = 0; row < frame.rows; row += 1) {
    const neighbors = search(table.subarray(row * tree.width, (row + 1) * tree.width))
    if (weighting === 'distance') weighByDistance(neighbors)
    use(row, neighbors)
  }
}

export const checkKNeighbors = (model: KNeighborsModel): void => {
  const { inputs, tree, weights, targets } = model
  checkPart('nNeighbors', model.nNeighbors, kNeighborsRules.nNeighbors)
  checkPart('weighting', model.weighting, kNeighborsRules.weights)
  checkPart('metric', model.metric, kNeighborsRules.metric)
  if (tree?.width !== inputs.length)
    throw new RangeError(`the model's points must be ${inputs.length} wide, not ${String(tree?.width)}`)
  checkKdTree(tree)
  const points = tree.points.length / tree.width
  checkLength('weights', weights, Float64Array, points)
  checkLength('targets', targets, Float64Array, points)
  if (!weights.every((weight) => weight > 0 && weight < Infinity))
    throw new RangeError("the model's weights must be > 0 and finite")
}
