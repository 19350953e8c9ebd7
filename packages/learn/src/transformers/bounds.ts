import { checkLength } from '../learners/check-model.ts'
import { apply, clipTensor, perColumn, where } from '../onnx/steps.ts'
import type { FittedTransformer, TransformerKind } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { joinColumns, mapNumbers, nameColumns } from './columns.ts'

/** Two bounds for each column. */
export interface Bounds extends FittedTransformer {
  readonly columns: readonly string[]
  readonly lower: Float32Array
  readonly upper: Float32Array
  /** What is beyond a bound becomes missing; otherwise the bound. */
  readonly toMissing: boolean
}

/** What the transformers with bounds have in common. NaN stays NaN. */
export const boundsKind = <F extends Bounds>(): Pick<
  TransformerKind<F>,
  'transform' | 'check' | 'toOnnx'
> => ({
  transform: ({ columns, lower, upper, toMissing }, frame) =>
    mapNumbers(frame, columns, (index) => {
      const [low, high] = [lower[index], upper[index]]
      const [below, above] = toMissing ? [Number.NaN, Number.NaN] : [low, high]
      return (value) => (value < low ? below : value > high ? above : value)
    }),
  check({ columns, lower, upper }) {
    checkColumns(columns)
    checkLength('lower', lower, Float32Array, columns.length)
    checkLength('upper', upper, Float32Array, columns.length)
  },
  toOnnx({ columns, lower, upper, toMissing }, graph, tensors) {
    const tensor = joinColumns(graph, tensors, columns)
    if (!toMissing) return nameColumns(graph, clipTensor(graph, tensor, [lower, upper]), columns)
    const low = apply(graph, 'Less', [tensor, perColumn(graph, lower)], 'bool')
    const high = apply(graph, 'Greater', [tensor, perColumn(graph, upper)], 'bool')
    const outside = apply(graph, 'Or', [low, high])
    const kept = where(graph, outside, [graph.floats([Number.NaN], [1]), tensor], tensor)
    return nameColumns(graph, kept, columns)
  },
})
