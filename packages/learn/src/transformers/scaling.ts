import { checkLength } from '../learners/check-model.ts'
import { apply, clipTensor, perColumn } from '../onnx/steps.ts'
import type { FittedTransformer, TransformerKind } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { joinColumns, mapNumbers, nameColumns } from './columns.ts'
import { limit } from './intervals.ts'

/** (x − centre) / scale + offset for each column, within the limits; each part is left out where there is none. */
export interface Scaling extends FittedTransformer {
  readonly columns: readonly string[]
  readonly center: Float32Array | null
  /** Never 0. */
  readonly scale: Float32Array | null
  readonly offset?: number
  readonly limits?: readonly [number, number]
}

/** As float32, with 1 for what rounds to 0: such a column is constant. */
export const toScale = (values: readonly number[]): Float32Array =>
  Float32Array.from(values, (value) => (Math.fround(value) === 0 ? 1 : value))

type Computed<F extends Scaling> = Pick<TransformerKind<F>, 'transform' | 'check' | 'toOnnx'>

/** What the transformers that shift and scale have in common. NaN stays NaN. */
export const scalingKind = <F extends Scaling>(): Computed<F> => ({
  transform: ({ columns, center, scale, offset, limits = [-Infinity, Infinity] }, frame) => {
    // Adding -0 changes nothing, not even the sign of a zero.
    const added = Math.fround(offset ?? -0)
    const [low, high] = [Math.fround(limits[0]), Math.fround(limits[1])]
    return mapNumbers(frame, columns, (index) => {
      const shift = center === null ? 0 : center[index]
      const width = scale === null ? 1 : scale[index]
      return (value) => limit(Math.fround(Math.fround(Math.fround(value - shift) / width) + added), low, high)
    })
  },
  check({ columns, center, scale, offset = 0, limits = [0, 0] }) {
    checkColumns(columns)
    if (center !== null) checkLength('center', center, Float32Array, columns.length)
    if (scale !== null) checkLength('scale', scale, Float32Array, columns.length)
    if (![offset, ...limits].every((value) => typeof value === 'number'))
      throw new RangeError("a scaling's offset and limits must be numbers")
  },
  toOnnx({ columns, center, scale, offset, limits }, graph, tensors) {
    let tensor = joinColumns(graph, tensors, columns)
    if (center !== null) tensor = apply(graph, 'Sub', [tensor, perColumn(graph, center)])
    if (scale !== null) tensor = apply(graph, 'Div', [tensor, perColumn(graph, scale)])
    if (offset !== undefined) tensor = apply(graph, 'Add', [tensor, perColumn(graph, [offset])])
    if (limits) tensor = clipTensor(graph, tensor, [[limits[0]], [limits[1]]])
    return nameColumns(graph, tensor, columns)
  },
})
