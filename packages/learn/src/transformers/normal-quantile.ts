import { normalQuantile, normalRatios } from '../normal.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { apply, where } from '../onnx/steps.ts'
import { limit } from './intervals.ts'

/** scikit-learn's bound for QuantileTransformer; beyond it are ±5.199. */
const leastProbability = 1e-7

const { split, centre, tailStart, central, tail } = normalRatios

/** {@link normalQuantile} of a probability that is taken as 1e-7 … 1 − 1e-7; NaN gives NaN. */
export const boundedNormalQuantile = (probability: number): number =>
  normalQuantile(limit(probability, leastProbability, 1 - leastProbability))

const constant = (graph: OnnxGraph, value: number): string => graph.doubles([value], [1])

const addPolynomial = (graph: OnnxGraph, coefficients: readonly number[], x: OnnxTensor): OnnxTensor => {
  const [first, second, ...others] = coefficients
  const start = apply(graph, 'Add', [
    apply(graph, 'Mul', [x, constant(graph, first)]),
    constant(graph, second),
  ])
  return others.reduce(
    (sum, coefficient) => apply(graph, 'Add', [apply(graph, 'Mul', [sum, x]), constant(graph, coefficient)]),
    start,
  )
}

/** {@link boundedNormalQuantile} of a tensor of doubles, by the same operations; its bounds never reach the far tail. */
export const addNormalQuantile = (graph: OnnxGraph, probability: OnnxTensor): OnnxTensor => {
  const least = constant(graph, leastProbability)
  const most = constant(graph, 1 - leastProbability)
  const zero = constant(graph, 0)
  const low = apply(graph, 'Less', [probability, least], 'bool')
  const raised = where(graph, low, [least, probability], probability)
  const p = where(graph, apply(graph, 'Greater', [raised, most], 'bool'), [most, raised], raised)
  const q = apply(graph, 'Sub', [p, constant(graph, 0.5)])
  const isLower = apply(graph, 'Less', [q, zero], 'bool')
  const half = graph.one('Sub', { inputs: [constant(graph, centre), apply(graph, 'Mul', [q, q])] }, q)
  const over = apply(graph, 'Mul', [q, addPolynomial(graph, central.over, half)])
  const inner = apply(graph, 'Div', [over, addPolynomial(graph, central.under, half)])
  const complement = graph.one('Sub', { inputs: [constant(graph, 1), p] }, p)
  const log = apply(graph, 'Log', [where(graph, isLower, [p, complement], p)])
  const root = apply(graph, 'Sqrt', [apply(graph, 'Neg', [log])])
  const r = apply(graph, 'Sub', [root, constant(graph, tailStart)])
  const value = apply(graph, 'Div', [addPolynomial(graph, tail.over, r), addPolynomial(graph, tail.under, r)])
  const outer = where(graph, isLower, [apply(graph, 'Neg', [value]), value], p)
  const isInner = apply(graph, 'LessOrEqual', [apply(graph, 'Abs', [q]), constant(graph, split)], 'bool')
  return where(graph, isInner, [inner, outer], p)
}
