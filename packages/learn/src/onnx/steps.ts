import type { OnnxGraph, OnnxTensor } from './graph.ts'

const elementType = { float: 1, int64: 7, bool: 9, double: 11 } as const

/** The tensor with its numbers as another element. */
export const cast = (graph: OnnxGraph, tensor: OnnxTensor, element: keyof typeof elementType): OnnxTensor =>
  graph.one(
    'Cast',
    { inputs: [tensor], attributes: { to: { integer: elementType[element] } } },
    { element, columns: tensor.columns },
  )

/** An operator whose result has the shape of its first input; `element` if it is of another kind. */
export const apply = (
  graph: OnnxGraph,
  op: string,
  [first, ...others]: readonly [OnnxTensor, ...(OnnxTensor | string)[]],
  element = first.element,
): OnnxTensor => graph.one(op, { inputs: [first, ...others] }, { element, columns: first.columns })

/** `chosen` where the condition holds, else `otherwise`; `like` says of which element and width. */
export const where = (
  graph: OnnxGraph,
  condition: OnnxTensor,
  [chosen, otherwise]: readonly [OnnxTensor | string, OnnxTensor | string],
  like: OnnxTensor,
): OnnxTensor =>
  graph.one(
    'Where',
    { inputs: [condition, chosen, otherwise] },
    { element: like.element, columns: like.columns },
  )

/** A constant for each column, of the tensor's element. */
export const perColumn = (
  graph: OnnxGraph,
  values: ArrayLike<number>,
  element: 'float' | 'double' = 'float',
): string =>
  element === 'float' ? graph.floats(values, [values.length]) : graph.doubles(values, [values.length])

/** Below the first bound the bound, above the second that one, NaN where it is NaN; a bound for each column, or one. */
export const clipTensor = (
  graph: OnnxGraph,
  tensor: OnnxTensor,
  [lower, upper]: readonly [ArrayLike<number>, ArrayLike<number>],
): OnnxTensor => {
  const low = perColumn(graph, lower)
  const high = perColumn(graph, upper)
  const raised = where(graph, apply(graph, 'Less', [tensor, low], 'bool'), [low, tensor], tensor)
  return where(graph, apply(graph, 'Greater', [raised, high], 'bool'), [high, raised], tensor)
}

/** True where it is NaN. */
export const isMissing = (graph: OnnxGraph, tensor: OnnxTensor): OnnxTensor =>
  apply(graph, 'IsNaN', [tensor], 'bool')
