import type { FindLearner } from '../../fit-with.ts'
import { classOutputs } from '../../onnx/class-outputs.ts'
import type { OnnxGraph, OnnxTensor } from '../../onnx/graph.ts'
import { cast } from '../../onnx/steps.ts'
import { combine } from '../onnx.ts'
import type { IsotonicCurve } from './isotonic.ts'
import {
  type CalibratedMember,
  type CalibratedModel,
  type CalibrationInput,
  curveCodes,
  leastProbability,
} from './model.ts'
import type { SigmoidCurve } from './platt.ts'

const reduceRows = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor =>
  graph.one(
    'ReduceSum',
    { inputs: [tensor, graph.integers([1], [1])], attributes: { keepdims: { integer: 1 } } },
    { element: 'double', columns: 1 },
  )

const addLog = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor =>
  graph.one(
    'Log',
    { inputs: [combine(graph, 'Max', [tensor, graph.doubles([leastProbability], [1, 1])], 1)] },
    { element: 'double', columns: 1 },
  )

const addScore = (
  graph: OnnxGraph,
  columns: readonly OnnxTensor[],
  code: number,
  input: CalibrationInput,
): OnnxTensor => {
  if (input === 'probability') return columns[code]
  const others = graph.join(columns.filter((_, other) => other !== code))
  const rest = others.columns === 1 ? others : reduceRows(graph, others)
  return combine(graph, 'Sub', [addLog(graph, columns[code]), addLog(graph, rest)], 1)
}

const addSigmoid = (graph: OnnxGraph, score: OnnxTensor, { slope, intercept }: SigmoidCurve): OnnxTensor => {
  const scaled = combine(graph, 'Mul', [score, graph.doubles([-slope], [1, 1])], 1)
  const margin = combine(graph, 'Add', [scaled, graph.doubles([-intercept], [1, 1])], 1)
  const power = graph.one('Exp', { inputs: [margin] }, { element: 'double', columns: 1 })
  const one = graph.doubles([1], [1, 1])
  return combine(graph, 'Div', [one, combine(graph, 'Add', [power, one], 1)], 1)
}

/** y₀ + Σ slope × (how much of the piece lies below the score). */
const addBrokenLine = (graph: OnnxGraph, score: OnnxTensor, { x, y }: IsotonicCurve): OnnxTensor => {
  const pieces = x.length - 1
  const lengths = x.subarray(1).map((value, piece) => value - x[piece])
  const first = graph.doubles([y[0]], [1, 1])
  if (pieces === 0)
    return combine(graph, 'Add', [combine(graph, 'Mul', [score, graph.doubles([0], [1, 1])], 1), first], 1)
  const slopes = lengths.map((length, piece) => (y[piece + 1] - y[piece]) / length)
  const beyond = combine(graph, 'Sub', [score, graph.doubles(x.subarray(0, pieces), [1, pieces])], pieces)
  const above = combine(graph, 'Max', [beyond, graph.doubles([0], [1, 1])], pieces)
  const within = combine(graph, 'Min', [above, graph.doubles(lengths, [1, pieces])], pieces)
  const risen = combine(graph, 'MatMul', [within, graph.doubles(slopes, [pieces, 1])], 1)
  return combine(graph, 'Add', [risen, first], 1)
}

const normalize = (graph: OnnxGraph, shares: OnnxTensor): OnnxTensor => {
  const count = shares.columns
  const sum = reduceRows(graph, shares)
  // Where all are 0, 1 is added to each before they are divided.
  const isZero = graph.one(
    'Equal',
    { inputs: [sum, graph.doubles([0], [1, 1])] },
    { element: 'bool', columns: 1 },
  )
  const lift = graph.one(
    'Cast',
    { inputs: [isZero], attributes: { to: { integer: 11 } } },
    { element: 'double', columns: 1 },
  )
  const lifted = combine(graph, 'Add', [shares, lift], count)
  return combine(graph, 'Div', [lifted, reduceRows(graph, lifted)], count)
}

const addMember = (
  find: FindLearner,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
  { model, curves }: CalibratedMember,
  { output, input }: CalibratedModel,
): OnnxTensor => {
  const { toOnnx } = find(model.kind)
  if (!toOnnx)
    throw new RangeError(`a model of kind '${model.kind}' cannot be exported: ONNX has no means for it`)
  const [, probabilities] = toOnnx(model, graph, inputs)
  const columns = graph.split(cast(graph, probabilities, 'double'))
  const shares = curveCodes(output.classes.length).map((code, index) => {
    const score = addScore(graph, columns, code, input)
    const curve = curves[index]
    return 'slope' in curve ? addSigmoid(graph, score, curve) : addBrokenLine(graph, score, curve)
  })
  if (shares.length > 1) return normalize(graph, graph.join(shares))
  return graph.join([combine(graph, 'Sub', [graph.doubles([1], [1, 1]), shares[0]], 1), shares[0]])
}

/** Calibrates on top of the members' own graphs, in doubles. */
export const calibratedToOnnx = (
  find: FindLearner,
  model: CalibratedModel,
  graph: OnnxGraph,
  inputs: readonly OnnxTensor[],
): readonly OnnxTensor[] => {
  const { classes } = model.output
  const all = model.members.map((member) => addMember(find, graph, inputs, member, model))
  const total = all.reduce((sum, next) => combine(graph, 'Add', [sum, next], classes.length))
  const mean = combine(graph, 'Div', [total, graph.doubles([all.length], [1, 1])], classes.length)
  return classOutputs(graph, cast(graph, mean, 'float'), classes)
}
