import { checkLength } from '../learners/check-model.ts'
import { findIntervals } from '../onnx/find-intervals.ts'
import { isMissing, where } from '../onnx/steps.ts'
import { choiceOption, integerOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import type { FittedTransformer, OnnxColumns, TransformerKind, TransformerSpec } from '../transformer.ts'
import { type BinStrategy, findEdges } from './bin-edges.ts'
import { checkColumns } from './check-columns.ts'
import {
  checkSize,
  frameOf,
  joinColumns,
  mapNumbers,
  nameColumns,
  numbersOf,
  presentValues,
  requireKinds,
} from './columns.ts'
import { indicatorColumns, indicators } from './indicators.ts'
import { checkOffsets, findInterval, sliceAt, toOffsets } from './intervals.ts'

export interface BinningOptions {
  /** How many bins, if the values are enough of them. Default 5. */
  readonly nBins?: number
  /** A column of 0 and 1 for each bin, or the number of the bin. Default 'oneHot'. */
  readonly encode?: 'oneHot' | 'ordinal'
  /** Bins of as many rows, of the same width, or around the centres of a k-means in one dimension. Default 'quantile'. */
  readonly strategy?: BinStrategy
}
export interface BinningSpec extends TransformerSpec {
  readonly kind: 'binning'
}
export interface Binning extends FittedTransformer {
  readonly kind: 'binning'
  readonly columns: readonly string[]
  readonly encode: 'oneHot' | 'ordinal'
  /** Inner edges, ascending; those of column i are from `offsets[i]` up to `offsets[i + 1]`. A bin has its lower edge. */
  readonly edges: Float32Array
  readonly offsets: Uint32Array
}

const rules: OptionRules<Required<BinningOptions>> = {
  nBins: integerOption(5, 2, 10_000),
  encode: choiceOption('oneHot', ['oneHot', 'ordinal']),
  strategy: choiceOption('quantile', ['quantile', 'uniform', 'kmeans']),
}

/**
 * Numeric columns as bins, as scikit-learn's KBinsDiscretizer (quantiles by its `averaged_inverted_cdf`), from all
 * rows (no `subsample`). A column `x` becomes `x_0`, `x_1`, …, or `x` with the number of the bin. Missing becomes 0 in
 * all of them, or stays missing; a constant column has one bin. Throws a RangeError for wrong options and, in the fit,
 * for a column without values.
 */
export const binning = (options: BinningOptions = {}): BinningSpec => makeSpec('binning', rules, options)

const binNames = (name: string, edges: Float32Array): string[] =>
  Array.from({ length: edges.length + 1 }, (_, bin) => `${name}_${bin}`)

export const binningKind: TransformerKind<Binning, BinningSpec> = {
  kind: 'binning',
  fit(spec, data) {
    const { nBins, encode, strategy } = resolveOptions('binning', rules, spec.options)
    const columns = requireKinds('binning', data.frame, ['numeric'])
    const edges = columns.map((name) =>
      findEdges(presentValues('binning', name, numbersOf(data.frame, name), data), nBins, strategy),
    )
    return {
      kind: 'binning',
      columns,
      encode,
      edges: Float32Array.from(edges.flat()),
      offsets: toOffsets(edges.map(({ length }) => length)),
    }
  },
  transform({ columns, encode, edges, offsets }, frame) {
    const binOf = (index: number): ((value: number) => number) => {
      const own = sliceAt(edges, offsets, index)
      return (value) => (Number.isNaN(value) ? value : findInterval(own, value))
    }
    if (encode === 'ordinal') return mapNumbers(frame, columns, binOf)
    checkSize('binning', edges.length + columns.length, frame.rows, "take fewer bins, or encode 'ordinal'")
    return frameOf(
      frame.rows,
      columns.flatMap((name, index) => {
        const places = Int32Array.from(numbersOf(frame, name).map(binOf(index)), (bin) =>
          Number.isNaN(bin) ? -1 : bin,
        )
        return indicators(places, binNames(name, sliceAt(edges, offsets, index)))
      }),
    )
  },
  origins: ({ columns, encode, edges, offsets }) =>
    new Map(
      columns.flatMap((name, index) =>
        (encode === 'ordinal' ? [name] : binNames(name, sliceAt(edges, offsets, index))).map(
          (output) => [output, [name]] as const,
        ),
      ),
    ),
  check({ columns, edges, offsets }) {
    checkColumns(columns)
    checkLength('edges', edges, Float32Array, edges.length)
    checkOffsets(offsets, columns.length, edges.length)
  },
  toOnnx({ columns, encode, edges, offsets }, graph, tensors) {
    const tensor = joinColumns(graph, tensors, columns)
    const lists = columns.map((_, index) => sliceAt(edges, offsets, index))
    const interval = findIntervals(graph, tensor, lists)
    const bin = where(graph, isMissing(graph, tensor), [graph.floats([Number.NaN], [1]), interval], tensor)
    if (encode === 'ordinal') return nameColumns(graph, bin, columns)
    const parts: OnnxColumns[] = graph
      .split(bin)
      .map((piece, index) => indicatorColumns(graph, piece, binNames(columns[index], lists[index])))
    return new Map(parts.flatMap((part) => [...part]))
  },
}
