import type { Column, Frame } from '../frame.ts'
import { createOnnxGraph } from '../onnx/create-graph.ts'
import type { FittedTransformer } from '../transformer.ts'
import { getTransformerKind } from '../transformers.ts'
import { runOnnx } from './onnx-runtime.ts'

const elements = { numeric: 'float', boolean: 'float', timestamp: 'double', categorical: 'string' } as const

/** The values of a column as a graph has them: numbers with NaN, texts with ''. */
const listValues = (column: Column): (number | string)[] => {
  if (column.kind === 'categorical')
    return Array.from(column.codes, (code) => (code === -1 ? '' : column.categories[code]))
  if (column.kind === 'boolean')
    return Array.from(column.values, (value) => (value === -1 ? Number.NaN : value))
  return Array.from(column.values)
}

/** Every column by name, as {@link listValues}. */
export const listColumns = (frame: Frame): Record<string, (number | string)[]> =>
  Object.fromEntries(Object.entries(frame.columns).map(([name, column]) => [name, listValues(column)]))

/** The frame as ONNX Runtime transforms it. */
export const transformInOnnx = async (
  fitted: FittedTransformer,
  frame: Frame,
): Promise<Record<string, (number | string)[]>> => {
  const graph = createOnnxGraph('test')
  const inputs = Object.entries(frame.columns).map(
    ([name, { kind }]) => [name, graph.input({ name, element: elements[kind], columns: 1 })] as const,
  )
  const tensors = [...getTransformerKind(fitted.kind).toOnnx(fitted, graph, new Map(inputs))]
  const outputs = new Map(tensors.map(([, tensor], index) => [`out ${index}`, tensor]))
  const results = await runOnnx(graph.toBytes(outputs), frame)
  return Object.fromEntries(
    tensors.map(([name], index) => [
      name,
      Array.from(results[`out ${index}`].data as ArrayLike<number | string>),
    ]),
  )
}
