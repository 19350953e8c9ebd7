import type { CategoricalColumn } from '../frame.ts'
import type { OnnxGraph, OnnxTensor } from '../onnx/graph.ts'
import { apply, cast, where } from '../onnx/steps.ts'
import {
  choiceOption,
  flagOption,
  integerOption,
  makeSpec,
  type OptionRules,
  resolveOptions,
} from '../options.ts'
import { encodeText } from '../text.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import { checkColumns } from './check-columns.ts'
import { categoriesOf, checkSize, frameOf, nameColumns, numeric, requireKinds, tensorOf } from './columns.ts'
import { indicatorColumns } from './indicators.ts'
import { murmurHash } from './murmur-hash.ts'

export interface HashOptions {
  /** How many buckets. Default 16 (scikit-learn's FeatureHasher, which is sparse: 2^20). */
  readonly nFeatures?: number
  /** Whether half of the texts count as -1, so that those that meet cancel out. Default true. */
  readonly alternateSign?: boolean
  /** A column for each bucket, or one with the bucket's number (where `alternateSign` has no part). Default 'oneHot'. */
  readonly encode?: 'oneHot' | 'ordinal'
}
export interface HashSpec extends TransformerSpec {
  readonly kind: 'hash'
}
export interface Hash extends FittedTransformer {
  readonly kind: 'hash'
  readonly columns: readonly string[]
  readonly nFeatures: number
  readonly alternateSign: boolean
  readonly encode: 'oneHot' | 'ordinal'
}

const rules: OptionRules<Required<HashOptions>> = {
  nFeatures: integerOption(16, 1, 100_000),
  alternateSign: flagOption(true),
  encode: choiceOption('oneHot', ['oneHot', 'ordinal']),
}

/**
 * Categorical columns as buckets of their texts' hashes, for categories too many to list or not known beforehand: no
 * category is unknown. MurmurHash3 of the UTF-8 text, its absolute value modulo `nFeatures`, its sign the sign, as
 * scikit-learn's FeatureHasher of strings. `city` becomes `city_0`, `city_1`, …, or `city`. Missing is 0 in all
 * columns, or missing.
 *
 * In ONNX this takes the operator `com.microsoft.MurmurHash3`, which only ONNX Runtime has. Throws a RangeError for
 * wrong options.
 */
export const hash = (options: HashOptions = {}): HashSpec => makeSpec('hash', rules, options)

const bucketNames = (name: string, nFeatures: number): string[] =>
  Array.from({ length: nFeatures }, (_, bucket) => `${name}_${bucket}`)

/** The number of the bucket and the sign of each category. */
const hashCategories = ({ categories }: CategoricalColumn, nFeatures: number) =>
  categories.map((category) => {
    const hashed = murmurHash(encodeText(category))
    return { bucket: Math.abs(hashed) % nFeatures, sign: hashed >= 0 ? 1 : -1 }
  })

const addBuckets = (
  graph: OnnxGraph,
  text: OnnxTensor,
  nFeatures: number,
): { bucket: OnnxTensor; isNegative: OnnxTensor; isMissing: OnnxTensor } => {
  const hashed = graph.one(
    'MurmurHash3',
    {
      domain: 'com.microsoft',
      inputs: [text],
      attributes: { positive: { integer: 0 }, seed: { integer: 0 } },
    },
    { element: 'int32', columns: 1 },
  )
  const wide = cast(graph, hashed, 'int64')
  const absolute = apply(graph, 'Abs', [wide])
  const isMissing = cast(
    graph,
    graph.one(
      'LabelEncoder',
      {
        domain: 'ai.onnx.ml',
        inputs: [text],
        attributes: {
          keys_strings: { texts: [encodeText('')] },
          values_int64s: { integers: [1] },
          default_int64: { integer: 0 },
        },
      },
      { element: 'int64', columns: 1 },
    ),
    'bool',
  )
  return {
    bucket: apply(graph, 'Mod', [absolute, graph.integers([nFeatures], [1])]),
    isNegative: apply(graph, 'Less', [wide, graph.integers([0], [1])], 'bool'),
    isMissing,
  }
}

export const hashKind: TransformerKind<Hash, HashSpec> = {
  kind: 'hash',
  fit: (spec, { frame }) => ({
    kind: 'hash',
    columns: requireKinds('hash', frame, ['categorical']),
    ...resolveOptions('hash', rules, spec.options),
  }),
  transform({ columns, nFeatures, alternateSign, encode }, frame) {
    const width = encode === 'ordinal' ? 1 : nFeatures
    checkSize('hash', columns.length * width, frame.rows, "take fewer features, or encode 'ordinal'")
    return frameOf(
      frame.rows,
      columns.flatMap((name) => {
        const column = categoriesOf(frame, name)
        const hashed = hashCategories(column, nFeatures)
        if (encode === 'ordinal') {
          const buckets = Float32Array.from(column.codes, (code) =>
            code === -1 ? Number.NaN : hashed[code].bucket,
          )
          return [[name, numeric(buckets)] as const]
        }
        const results = bucketNames(name, nFeatures).map(
          (title) => [title, new Float32Array(frame.rows)] as const,
        )
        column.codes.forEach((code, row) => {
          if (code === -1) return
          const { bucket, sign } = hashed[code]
          results[bucket][1][row] = alternateSign ? sign : 1
        })
        return results.map(([title, values]) => [title, numeric(values)] as const)
      }),
    )
  },
  origins: ({ columns, nFeatures, encode }) =>
    new Map(
      columns.flatMap((name) =>
        (encode === 'ordinal' ? [name] : bucketNames(name, nFeatures)).map(
          (output) => [output, [name]] as const,
        ),
      ),
    ),
  check({ columns, ...options }) {
    checkColumns(columns)
    const { kind, ...given } = options
    resolveOptions(kind, rules, given)
  },
  toOnnx: ({ columns, nFeatures, alternateSign, encode }, graph, tensors) =>
    new Map(
      columns.flatMap((name) => {
        const { bucket, isNegative, isMissing } = addBuckets(graph, tensorOf(tensors, name), nFeatures)
        if (encode === 'ordinal') {
          const number = cast(graph, bucket, 'float')
          return [[name, where(graph, isMissing, [graph.floats([Number.NaN], [1]), number], number)]] as const
        }
        const place = where(graph, isMissing, [graph.integers([-1], [1]), bucket], bucket)
        const titles = bucketNames(name, nFeatures)
        if (!alternateSign) return [...indicatorColumns(graph, place, titles)]
        const all = graph.integers(Array.from(titles.keys()), [nFeatures])
        const isHere = graph.one('Equal', { inputs: [place, all] }, { element: 'bool', columns: nFeatures })
        const [none, one, minusOne] = [0, 1, -1].map((value) => graph.floats([value], [1]))
        const like: OnnxTensor = { name: '', element: 'float', columns: 1 }
        const sign = where(graph, isNegative, [minusOne, one], like)
        const signed = where(graph, isHere, [sign, none], { ...like, columns: nFeatures })
        return [...nameColumns(graph, signed, titles)]
      }),
    ),
}
