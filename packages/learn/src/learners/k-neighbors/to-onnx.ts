import { classOutputs } from '../../onnx/class-outputs.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import type { Label } from '../../target.ts'
import { combine, joinDoubles } from '../onnx.ts'
import type { KNeighborsModel } from './k-neighbors.ts'

/** The neighbours of each row, [rows, k]: how much each counts, together 1, and its target. */
interface OnnxNeighbors {
  readonly shares: OnnxTensor | string
  readonly targets: OnnxTensor
}

const one = (graph: OnnxGraph, op: 'Abs' | 'Sqrt', tensor: OnnxTensor): OnnxTensor =>
  graph.one(op, { inputs: [tensor] }, { element: 'double', columns: tensor.columns })

const sumRows = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor =>
  graph.one(
    'ReduceSum',
    { inputs: [tensor, graph.integers([1], [1])], attributes: { keepdims: { integer: 1 } } },
    { element: 'double', columns: 1 },
  )

/** `values` of the points, in the order of their ranks, which decides at ties here as in `predict`. */
const byRank = ({ tree }: KNeighborsModel, read: (place: number) => number): Float64Array => {
  const sorted = new Float64Array(tree.ranks.length)
  tree.ranks.forEach((rank, place) => {
    sorted[rank] = read(place)
  })
  return sorted
}

/** As long as 1. */
const normalize = (graph: OnnxGraph, rows: OnnxTensor): OnnxTensor => {
  const squares = sumRows(graph, combine(graph, 'Mul', [rows, rows], rows.columns))
  return combine(graph, 'Div', [rows, one(graph, 'Sqrt', squares)], rows.columns)
}

/** From each row to each point, [rows, points]: squares, or sums of sizes, column after column as in `predict`. */
const addDistances = (graph: OnnxGraph, model: KNeighborsModel, rows: OnnxTensor): OnnxTensor => {
  const { tree, metric } = model
  const count = tree.ranks.length
  const parts = graph.split(rows).map((values, column) => {
    const points = byRank(model, (place) => tree.points[place * tree.width + column])
    const difference = combine(graph, 'Sub', [values, graph.doubles(points, [1, count])], count)
    return metric === 'manhattan'
      ? one(graph, 'Abs', difference)
      : combine(graph, 'Mul', [difference, difference], count)
  })
  return parts.reduce((sum, part) => combine(graph, 'Add', [sum, part], count))
}

const isZero = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor =>
  graph.one(
    'Equal',
    { inputs: [tensor, graph.doubles([0], [1, 1])] },
    { element: 'bool', columns: tensor.columns },
  )

/** 1 / distance, or 1 for those at distance 0 and 0 for the others where there is one. */
const weighByDistance = (graph: OnnxGraph, distances: OnnxTensor): OnnxTensor => {
  const { columns } = distances
  const zero = cast(graph, isZero(graph, distances), 'double')
  const zeros = sumRows(graph, zero)
  // 0 would be divided by where it is not chosen, too; 1 is added to it.
  const divisors = combine(graph, 'Add', [distances, zero], columns)
  const inverses = combine(graph, 'Div', [graph.doubles([1], [1, 1]), divisors], columns)
  return graph.one(
    'Where',
    { inputs: [isZero(graph, zeros), inverses, zero] },
    { element: 'double', columns },
  )
}

const addNeighbors = (
  graph: OnnxGraph,
  model: KNeighborsModel,
  inputs: readonly OnnxTensor[],
): OnnxNeighbors => {
  const { kind, metric, nNeighbors, weighting, weights, targets } = model
  if (weights.some((weight) => weight !== 1))
    throw new RangeError(`a ${kind} of rows with weights cannot be exported; leave the weights out`)
  const joined = joinDoubles(graph, inputs)
  const rows = metric === 'cosine' ? normalize(graph, joined) : joined
  const [nearest, ranks] = graph.add('TopK', {
    inputs: [addDistances(graph, model, rows), graph.integers([nNeighbors], [1])],
    attributes: { axis: { integer: 1 }, largest: { integer: 0 }, sorted: { integer: 1 } },
    outputs: [
      { element: 'double', columns: nNeighbors },
      { element: 'int64', columns: nNeighbors },
    ],
  })
  const found = graph.one(
    'Gather',
    {
      inputs: [
        graph.doubles(
          byRank(model, (place) => targets[place]),
          [weights.length],
        ),
        ranks,
      ],
    },
    { element: 'double', columns: nNeighbors },
  )
  if (weighting === 'uniform') return { shares: graph.doubles([1 / nNeighbors], [1, 1]), targets: found }
  const distances = metric === 'euclidean' ? one(graph, 'Sqrt', nearest) : nearest
  const masses = weighByDistance(graph, distances)
  return {
    shares: combine(graph, 'Div', [masses, sumRows(graph, masses)], nNeighbors),
    targets: found,
  }
}

/**
 * Compares each row with all points, column after column: it takes time and memory for rows × points numbers, where
 * `predict` walks a tree. Throws a RangeError for rows with weights other than 1.
 */
export const neighborMeansToOnnx = (
  graph: OnnxGraph,
  model: KNeighborsModel,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { shares, targets } = addNeighbors(graph, model, inputs)
  return [cast(graph, sumRows(graph, combine(graph, 'Mul', [targets, shares], targets.columns)), 'float')]
}

/** As {@link neighborMeansToOnnx}, for shares of classes. */
export const neighborSharesToOnnx = (
  graph: OnnxGraph,
  model: KNeighborsModel,
  inputs: readonly OnnxTensor[],
  classes: readonly Label[],
): readonly OnnxTensor[] => {
  const { shares, targets } = addNeighbors(graph, model, inputs)
  const sums = classes.map((_, code) => {
    const others = combine(graph, 'Sub', [targets, graph.doubles([code], [1, 1])], targets.columns)
    const own = cast(graph, isZero(graph, others), 'double')
    return sumRows(graph, combine(graph, 'Mul', [own, shares], targets.columns))
  })
  return classOutputs(graph, cast(graph, graph.join(sums), 'float'), classes)
}
