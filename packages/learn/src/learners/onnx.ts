import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { cast } from '../onnx/steps.ts'

/**
 * The inputs side by side as doubles: in float the sum of terms that cancel each other would be off by more than
 * the parity that is promised.
 */
export const joinDoubles = (graph: OnnxGraph, inputs: readonly OnnxTensor[]): OnnxTensor =>
  cast(graph, graph.join(inputs), 'double')

/** An operator of doubles that keeps them. */
export const combine = (
  graph: OnnxGraph,
  op: 'Add' | 'Sub' | 'Mul' | 'Div' | 'Max' | 'Min' | 'MatMul',
  inputs: readonly [OnnxTensor | string, OnnxTensor | string],
  columns: number,
): OnnxTensor => graph.one(op, { inputs }, { element: 'double', columns })

/** intercept + Σ coefficient × column for each output; `coefficients` is [outputs, columns]. */
export const addLinear = (
  graph: OnnxGraph,
  columns: OnnxTensor,
  coefficients: Float64Array,
  intercepts: Float64Array,
): OnnxTensor => {
  const outputs = intercepts.length
  const transposed = new Float64Array(coefficients.length)
  for (let output = 0; output < outputs; output += 1)
    for (let column = 0; column < columns.columns; column += 1)
      transposed[column * outputs + output] = coefficients[output * columns.columns + column]
  const products = combine(
    graph,
    'MatMul',
    [columns, graph.doubles(transposed, [columns.columns, outputs])],
    outputs,
  )
  return combine(graph, 'Add', [products, graph.doubles(intercepts, [1, outputs])], outputs)
}

/**
 * Σ coefficient × column + intercept as `predictLinear` adds them up: column by column, and the intercept last. Where columns
 * nearly depend on each other, coefficients grow to 1e9 and their terms cancel: then even doubles, added up in another order
 * (as MatMul does, that has several sums at once), differ by more than the parity that is promised.
 */
export const addLinearInOrder = (
  graph: OnnxGraph,
  columns: OnnxTensor,
  coefficients: Float64Array,
  intercept: number,
): OnnxTensor => {
  const width = columns.columns
  const products = combine(graph, 'Mul', [columns, graph.doubles(coefficients, [1, width])], width)
  const sums = graph.one('CumSum', { inputs: [products, graph.integers([1], [1])] }, products)
  const last = graph.one(
    'Gather',
    { inputs: [sums, graph.integers([width - 1], [1])], attributes: { axis: { integer: 1 } } },
    { element: 'double', columns: 1 },
  )
  return combine(graph, 'Add', [last, graph.doubles([intercept], [1, 1])], 1)
}

/** The same numbers for every row, as floats. */
export const addConstantRows = (
  graph: OnnxGraph,
  [input]: readonly OnnxTensor[],
  values: ArrayLike<number>,
): OnnxTensor => {
  const shape = graph.one('Shape', { inputs: [input] }, { element: 'int64', columns: 0 })
  return graph.one(
    'Expand',
    { inputs: [graph.floats(values, [1, values.length]), shape] },
    { element: 'float', columns: values.length },
  )
}
