import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { apply, where } from '../onnx/steps.ts'
import { limit } from './intervals.ts'

// PPND7 of algorithm AS 241 (Wichura 1988, Applied Statistics 37), about seven digits, which a float32 has. Its third
// region, below e^-25, is left out: probabilities are kept above 1e-7. Coefficients from the highest power down.
const central = {
  over: [5.910937472e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179],
  under: [6.71875636e1, 7.8757757664e1, 1.7895169469e1, 1],
} as const
const tail = {
  over: [1.7023821103e-1, 1.3067284816, 2.75681539, 1.4234372777],
  under: [1.2021132975e-1, 7.370016425e-1, 1],
} as const
const split = 0.425
const centre = 0.180625
const tailStart = 1.6

/** scikit-learn's bound for QuantileTransformer; beyond it are ±5.199. */
const leastProbability = 1e-7

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient)

/**
 * The value below which a standard normal variable is with this probability, within about 1e-7. Probabilities are
 * taken as 1e-7 … 1 − 1e-7; NaN gives NaN.
 */
export const normalQuantile = (probability: number): number => {
  const p = limit(probability, leastProbability, 1 - leastProbability)
  const q = p - 0.5
  if (Math.abs(q) <= split) {
    const r = centre - q * q
    return (q * polynomial(central.over, r)) / polynomial(central.under, r)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p)) - tailStart
  const value = polynomial(tail.over, r) / polynomial(tail.under, r)
  return q < 0 ? -value : value
}

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

/** {@link normalQuantile} of a tensor of doubles, by the same operations. */
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
