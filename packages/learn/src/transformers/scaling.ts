import { checkLength } from '../learners/check-model.ts'
import type { FittedTransformer, TransformerKind } from '../transformer.ts'
import { joinColumns, mapNumbers, nameColumns } from './columns.ts'
import { apply, perColumn } from './onnx-steps.ts'

/** (x − centre) / scale + offset for each column; each part is left out where the transformer has none. */
export interface Scaling extends FittedTransformer {
  readonly columns: readonly string[]
  readonly center: Float32Array | null
  /** Never 0. */
  readonly scale: Float32Array | null
}

/** Throws a RangeError unless the names are a list of texts. */
export const checkColumns = (columns: unknown): void => {
  if (!(Array.isArray(columns) && columns.every((name) => typeof name === 'string')))
    throw new RangeError("a transformer's columns must be a list of names")
}

/** As float32, with 1 for what rounds to 0: such a column is constant. */
export const toScale = (values: readonly number[]): Float32Array =>
  Float32Array.from(values, (value) => (Math.fround(value) === 0 ? 1 : value))

type Computed<F extends Scaling> = Pick<TransformerKind<F>, 'transform' | 'check' | 'toOnnx'>

/** What the transformers that shift and scale have in common. NaN stays NaN. */
export const scalingKind = <F extends Scaling>(): Computed<F> => ({
  transform: ({ columns, center, scale }, frame) =>
    mapNumbers(frame, columns, (index) => {
      const shift = center === null ? 0 : center[index]
      const width = scale === null ? 1 : scale[index]
      return (value) => Math.fround(Math.fround(value - shift) / width)
    }),
  check({ columns, center, scale }) {
    checkColumns(columns)
    if (center !== null) checkLength('center', center, Float32Array, columns.length)
    if (scale !== null) checkLength('scale', scale, Float32Array, columns.length)
  },
  toOnnx({ columns, center, scale }, graph, tensors) {
    let tensor = joinColumns(graph, tensors, columns)
    if (center !== null) tensor = apply(graph, 'Sub', [tensor, perColumn(graph, center)])
    if (scale !== null) tensor = apply(graph, 'Div', [tensor, perColumn(graph, scale)])
    return nameColumns(graph, tensor, columns)
  },
})
