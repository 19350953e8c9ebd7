import type { FindLearner } from '../fit-with.ts'
import { type Model, type ModelInput, type ModelOutput, usedInputs } from '../model.ts'
import { createOnnxGraph } from './create-graph.ts'
import type { OnnxElement } from './graph.ts'

/** What the outputs are called, in the order in which `toOnnx` returns them. */
const outputNames: Readonly<Record<ModelOutput['task'], readonly string[]>> = {
  classification: ['label', 'probabilities'],
  regression: ['prediction'],
  clustering: ['prediction', 'distances'],
  anomaly: ['prediction', 'scores'],
}

const elements: Readonly<Record<ModelInput['kind'], OnnxElement>> = {
  numeric: 'float',
  boolean: 'float',
  // Milliseconds since 1970 need 41 bits; a float has 24.
  timestamp: 'double',
  categorical: 'string',
}

const checkName = (name: string, taken: readonly string[]): void => {
  if (name === '' || name.startsWith(':') || taken.includes(name))
    throw new RangeError(
      `column '${name}' cannot be an input of the ONNX graph: '', ${taken.map((output) => `'${output}'`).join(', ')} ` +
        `and names that start with ':' are taken; rename the column`,
    )
}

/**
 * As `exportModel`, for learners of any list. Throws a RangeError for a kind that has no ONNX, naming it, and for a
 * column whose name the graph needs itself.
 */
export const exportWith = (find: FindLearner, model: Model): Uint8Array => {
  const { toOnnx } = find(model.kind)
  if (!toOnnx)
    throw new RangeError(`a model of kind '${model.kind}' cannot be exported: ONNX has no means for it`)
  const names = outputNames[model.output.task]
  const used = usedInputs(model.inputs)
  for (const { name } of used) checkName(name, names)
  const graph = createOnnxGraph('millrace')
  const inputs = used.map(({ name, kind }) => graph.input({ name, element: elements[kind], columns: 1 }))
  const outputs = toOnnx(model, graph, inputs)
  return graph.toBytes(new Map(outputs.map((tensor, index) => [names[index], tensor])))
}
