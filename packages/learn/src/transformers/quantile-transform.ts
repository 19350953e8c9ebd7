import { checkLength } from '../learners/check-model.ts'
import { findIntervals } from '../onnx/find-intervals.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { apply, cast, clipTensor, perColumn, where } from '../onnx/steps.ts'
import { choiceOption, integerOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { joinColumns, mapNumbers, nameColumns, numbersOf, presentValues, requireKinds } from './columns.ts'
import { quantilesOf } from './counted-values.ts'
import { checkOffsets, findInterval, limit, sliceAt, toOffsets } from './intervals.ts'
import { addNormalQuantile, boundedNormalQuantile } from './normal-quantile.ts'
import { toPieces } from './quantile-pieces.ts'

export interface QuantileTransformOptions {
  /** How many quantiles are kept, at most as many as there are rows. Default 1000. */
  readonly nQuantiles?: number
  /** Default 'uniform': 0 … 1. 'normal': the standard normal distribution, between ±5.199. */
  readonly outputDistribution?: 'uniform' | 'normal'
}
export interface QuantileTransformSpec extends TransformerSpec {
  readonly kind: 'quantileTransform'
}
export interface QuantileTransform extends FittedTransformer {
  readonly kind: 'quantileTransform'
  readonly columns: readonly string[]
  readonly outputDistribution: 'uniform' | 'normal'
  /** The pieces of column i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Uint32Array
  /** Where each piece begins, ascending. */
  readonly knots: Float32Array
  /** The share of the rows exactly at the knot. */
  readonly at: Float64Array
  /** The share just after the knot, and its growth. */
  readonly after: Float64Array
  readonly slopes: Float64Array
}

const rules: OptionRules<Required<QuantileTransformOptions>> = {
  nQuantiles: integerOption(1000, 1, 100_000),
  outputDistribution: choiceOption('uniform', ['uniform', 'normal']),
}

/**
 * The share of the training's rows below x, between quantiles by interpolation, of numeric columns, as scikit-learn's
 * QuantileTransformer, from all rows (no `subsample`). Values beyond the training's get the ends; missing stays
 * missing; a constant column becomes the lower end. Throws a RangeError for wrong options and, in the fit, for a
 * column without values.
 */
export const quantileTransform = (options: QuantileTransformOptions = {}): QuantileTransformSpec =>
  makeSpec('quantileTransform', rules, options)

const shareOf = ({ knots, at, after, slopes, offsets }: QuantileTransform, index: number) => {
  const begin = offsets[index]
  const own = sliceAt(knots, offsets, index)
  const [first, last] = [own[0], own[own.length - 1]]
  return (raw: number): number => {
    const value = limit(raw, first, last)
    const piece = begin + Math.max(0, findInterval(own, value) - 1)
    const distance = value - knots[piece]
    return distance === 0 ? at[piece] : distance * slopes[piece] + after[piece]
  }
}

const addShare = (graph: OnnxGraph, raw: OnnxTensor, fitted: QuantileTransform): OnnxTensor => {
  const { columns, knots, offsets, at, after, slopes } = fitted
  const lists = columns.map((_, index) => sliceAt(knots, offsets, index))
  const value = clipTensor(graph, raw, [
    lists.map((list) => list[0]),
    lists.map((list) => list[list.length - 1]),
  ])
  // NaN, counted as above all edges, ends in the last piece and stays NaN there.
  const interval = cast(graph, findIntervals(graph, value, lists), 'int64')
  const starts = Array.from(columns, (_, index) => offsets[index] - 1)
  const piece = apply(graph, 'Add', [interval, graph.integers(starts, [starts.length])])
  const wide = cast(graph, value, 'double')
  const look = (table: ArrayLike<number>): OnnxTensor =>
    graph.one('Gather', { inputs: [graph.doubles(table, [table.length]), piece] }, wide)
  const distance = apply(graph, 'Sub', [wide, look(knots)])
  const between = apply(graph, 'Add', [apply(graph, 'Mul', [distance, look(slopes)]), look(after)])
  const isAt = apply(graph, 'Equal', [distance, perColumn(graph, [0], 'double')], 'bool')
  return where(graph, isAt, [look(at), between], wide)
}

export const quantileTransformKind: TransformerKind<QuantileTransform, QuantileTransformSpec> = {
  kind: 'quantileTransform',
  fit(spec, data) {
    const { nQuantiles, outputDistribution } = resolveOptions('quantileTransform', rules, spec.options)
    const columns = requireKinds('quantileTransform', data.frame, ['numeric'])
    const total = data.weights?.reduce((sum, weight) => sum + weight, 0) ?? data.frame.rows
    const count = Math.max(1, Math.min(nQuantiles, Math.floor(total)))
    const shares = Float64Array.from({ length: count }, (_, index) => (count === 1 ? 0 : index / (count - 1)))
    const pieces = columns.map((name) => {
      const present = presentValues('quantileTransform', name, numbersOf(data.frame, name), data)
      return toPieces(Float32Array.from(quantilesOf(present, shares)), shares)
    })
    return {
      kind: 'quantileTransform',
      columns,
      outputDistribution,
      offsets: toOffsets(pieces.map(({ knots }) => knots.length)),
      knots: Float32Array.from(pieces.flatMap(({ knots }) => knots)),
      at: Float64Array.from(pieces.flatMap(({ at }) => at)),
      after: Float64Array.from(pieces.flatMap(({ after }) => after)),
      slopes: Float64Array.from(pieces.flatMap(({ slopes }) => slopes)),
    }
  },
  transform: (fitted, frame) =>
    mapNumbers(frame, fitted.columns, (index) => {
      const share = shareOf(fitted, index)
      return fitted.outputDistribution === 'uniform' ? share : (value) => boundedNormalQuantile(share(value))
    }),
  check({ columns, offsets, knots, at, after, slopes }) {
    checkColumns(columns)
    checkLength('knots', knots, Float32Array, knots.length)
    checkOffsets(offsets, columns.length, knots.length)
    checkLength('at', at, Float64Array, knots.length)
    checkLength('after', after, Float64Array, knots.length)
    checkLength('slopes', slopes, Float64Array, knots.length)
    if (columns.some((_, index) => offsets[index] === offsets[index + 1]))
      throw new RangeError('each column of a quantileTransform needs a knot')
  },
  toOnnx(fitted, graph, tensors) {
    const share = addShare(graph, joinColumns(graph, tensors, fitted.columns), fitted)
    const value = fitted.outputDistribution === 'normal' ? addNormalQuantile(graph, share) : share
    return nameColumns(graph, cast(graph, value, 'float'), fitted.columns)
  },
}
