import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import { addLinear, combine, joinDoubles } from '../onnx.ts'

/** The part of the model that is needed. */
interface Centres {
  readonly centres: Float64Array
  readonly output: { readonly clusters: number }
}

/**
 * ‖x - c‖² = ‖x‖² + (‖c‖² - 2 x·c), in doubles and around the mean of the centres, so that little cancels. Returns
 * the nearest centre, int64, and the distance to it, float, both [rows].
 */
export const kMeansToOnnx = (
  { centres, output }: Centres,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { clusters } = output
  const width = inputs.length
  const middle = Float64Array.from(inputs, (_, column) => {
    let sum = 0
    for (let cluster = 0; cluster < clusters; cluster += 1) sum += centres[cluster * width + column]
    return sum / clusters
  })
  const moved = centres.map((value, at) => value - middle[at % width])
  const norms = Float64Array.from({ length: clusters }, (_, cluster) =>
    moved.subarray(cluster * width, (cluster + 1) * width).reduce((sum, value) => sum + value * value, 0),
  )
  const x = combine(graph, 'Sub', [joinDoubles(graph, inputs), graph.doubles(middle, [1, width])], width)
  const relative = addLinear(
    graph,
    x,
    moved.map((value) => -2 * value),
    norms,
  )
  const attributes = { axis: { integer: 1 }, keepdims: { integer: 0 } }
  const nearest = graph.one('ArgMin', { inputs: [relative], attributes }, { element: 'int64', columns: 0 })
  const least = graph.one(
    'ReduceMin',
    { inputs: [relative], attributes: { axes: { integers: [1] }, keepdims: { integer: 0 } } },
    { element: 'double', columns: 0 },
  )
  const own = graph.one(
    'ReduceSumSquare',
    { inputs: [x], attributes: { axes: { integers: [1] }, keepdims: { integer: 0 } } },
    { element: 'double', columns: 0 },
  )
  const squares = combine(graph, 'Max', [combine(graph, 'Add', [own, least], 0), graph.doubles([0], [1])], 0)
  const distances = graph.one('Sqrt', { inputs: [squares] }, { element: 'double', columns: 0 })
  return [nearest, cast(graph, distances, 'float')]
}
