import type { Label } from '../target.ts'
import type { OnnxGraph, OnnxTensor } from './graph.ts'

/**
 * `label` and `probabilities` of a classifier from its probabilities, float [rows, classes]: the label of the most
 * probable class, the first one at ties. Labels are string, int64 (whole numbers), float or bool, as the classes are.
 */
export const classOutputs = (
  graph: OnnxGraph,
  probabilities: OnnxTensor,
  classes: readonly Label[],
): readonly OnnxTensor[] => {
  const place = graph.one(
    'ArgMax',
    { inputs: [probabilities], attributes: { axis: { integer: 1 }, keepdims: { integer: 0 } } },
    { element: 'int64', columns: 0 },
  )
  const choose = (labels: string, element: OnnxTensor['element']): OnnxTensor =>
    graph.one('Gather', { inputs: [labels, place] }, { element, columns: 0 })
  const shape = [classes.length]
  if (typeof classes[0] === 'string')
    return [choose(graph.texts(classes.map(String), shape), 'string'), probabilities]
  const numbers = classes.map(Number)
  if (typeof classes[0] === 'number' && !numbers.every(Number.isSafeInteger))
    return [choose(graph.floats(numbers, shape), 'float'), probabilities]
  const label = choose(graph.integers(numbers, shape), 'int64')
  if (typeof classes[0] === 'number') return [label, probabilities]
  // 9 is BOOL in onnx.proto.
  const truth = graph.one(
    'Cast',
    { inputs: [label], attributes: { to: { integer: 9 } } },
    { element: 'bool', columns: 0 },
  )
  return [truth, probabilities]
}
