import { checkLength } from '../learners/check-model.ts'
import { choiceOption, makeSpec, type OptionRules, resolveOptions } from '../options.ts'
import { encodeText } from '../text.ts'
import type { FittedTransformer, TransformerKind, TransformerSpec } from '../transformer.ts'
import {
  type CategoryCounts,
  countCategories,
  findInfrequent,
  type RareOptions,
  rareRules,
} from './category-counts.ts'
import { checkTexts } from './check-columns.ts'
import { categoriesOf, checkSize, frameOf, placeCategories, requireKinds, tensorOf } from './columns.ts'
import { indicatorColumns, indicators } from './indicators.ts'
import { unknownCategory } from './unknown-category.ts'

export interface OneHotOptions extends RareOptions {
  /**
   * What a category that the training did not have becomes: an error, 0 in all columns, or the infrequent ones (0 in
   * all columns if there are none). Default 'error'.
   */
  readonly handleUnknown?: 'error' | 'ignore' | 'infrequentIfExist'
  /** Leaves out the first result, of every column or of those with two results. Default null: none. */
  readonly drop?: 'first' | 'ifBinary' | null
}
export interface OneHotSpec extends TransformerSpec {
  readonly kind: 'oneHot'
}

/** A place is an index of `outputs`, or -1 for 0 in all of them. */
export interface OneHotColumn {
  readonly name: string
  readonly outputs: readonly string[]
  readonly categories: readonly string[]
  /** The place of each category. */
  readonly places: Int32Array
  /** The place of what is missing; null if the training had nothing missing: then it is unknown. */
  readonly missing: number | null
  /** The place of unknown categories; null if they are an error. */
  readonly unknown: number | null
}
export interface OneHot extends FittedTransformer {
  readonly kind: 'oneHot'
  readonly columns: readonly OneHotColumn[]
}

type Resolved = Required<OneHotOptions>

const rules: OptionRules<Resolved> = {
  ...rareRules,
  handleUnknown: choiceOption('error', ['error', 'ignore', 'infrequentIfExist']),
  drop: choiceOption<'first' | 'ifBinary' | null>(null, ['first', 'ifBinary', null]),
}

/**
 * A column of 0 and 1 for each category of categorical columns, as scikit-learn's OneHotEncoder: `city` becomes
 * `city_Bern`, `city_Rome`, …, ascending; then `city_(missing)` if the training had missing ones, and
 * `city_(infrequent)`. Throws a RangeError for wrong options and, where unknown categories are an error, for such a
 * category in `transform` (in an ONNX graph, which knows no errors, it is 0 in all columns).
 */
export const oneHot = (options: OneHotOptions = {}): OneHotSpec => makeSpec('oneHot', rules, options)

const fitColumn = (
  name: string,
  { categories, counts, missing }: CategoryCounts,
  options: Resolved,
): OneHotColumn => {
  const all = missing > 0 ? [...counts, missing] : counts
  const total = all.reduce((sum, count) => sum + count, 0)
  const rare = findInfrequent(all, total, options)
  const titles = [...categories, '(missing)'].slice(0, all.length)
  const frequent = titles.filter((_, index) => !rare[index])
  const results = rare.includes(true) ? [...frequent, '(infrequent)'] : frequent
  const dropped = options.drop === 'first' || (options.drop === 'ifBinary' && results.length === 2) ? 1 : 0
  const infrequent = rare.includes(true) ? results.length - 1 - dropped : -1
  let next = -dropped
  const places = rare.map((isRare) => {
    if (isRare) return infrequent
    next += 1
    return next - 1
  })
  const unknown = options.handleUnknown === 'infrequentIfExist' ? infrequent : -1
  return {
    name,
    outputs: results.slice(dropped).map((title) => `${name}_${title}`),
    categories,
    places: Int32Array.from(places.slice(0, categories.length)),
    missing: missing > 0 ? places[categories.length] : null,
    unknown: options.handleUnknown === 'error' ? null : unknown,
  }
}

const checkPlace = (place: number, { name, outputs }: OneHotColumn): void => {
  if (!(Number.isInteger(place) && place >= -1 && place < outputs.length))
    throw new RangeError(`column '${name}' of a oneHot has a place ${place} among ${outputs.length}`)
}

export const oneHotKind: TransformerKind<OneHot, OneHotSpec> = {
  kind: 'oneHot',
  fit(spec, { frame, weights }) {
    const options = resolveOptions('oneHot', rules, spec.options)
    const names = requireKinds('oneHot', frame, ['categorical'])
    return {
      kind: 'oneHot',
      columns: names.map((name) =>
        fitColumn(name, countCategories(categoriesOf(frame, name), weights), options),
      ),
    }
  },
  transform({ columns }, frame) {
    const width = columns.reduce((sum, { outputs }) => sum + outputs.length, 0)
    checkSize('oneHot', width, frame.rows, 'set maxCategories, or use targetEncode or hash')
    return frameOf(
      frame.rows,
      columns.flatMap(({ name, outputs, categories, places, missing, unknown }) => {
        const column = categoriesOf(frame, name)
        const refuse = unknownCategory('oneHot', name, column)
        const found = placeCategories(column, categories, (category) =>
          unknown === null ? refuse.ifUsed(category) : -1,
        )
        const placeOf = found.map((index) => (index === -1 ? (unknown ?? -1) : places[index]))
        const missingPlace = missing ?? unknown ?? refuse.ifMissing()
        return indicators(
          column.codes.map((code) => (code === -1 ? missingPlace : placeOf[code])),
          outputs,
        )
      }),
    )
  },
  origins: ({ columns }) =>
    new Map(columns.flatMap(({ name, outputs }) => outputs.map((output) => [output, [name]] as const))),
  check({ columns }) {
    for (const column of columns) {
      checkTexts('columns', [column.name, ...column.outputs])
      checkTexts('categories', column.categories)
      checkLength('places', column.places, Int32Array, column.categories.length)
      for (const place of column.places) checkPlace(place, column)
      checkPlace(column.missing ?? -1, column)
      checkPlace(column.unknown ?? -1, column)
    }
  },
  toOnnx: ({ columns }, graph, tensors) =>
    new Map(
      columns.flatMap(({ name, outputs, categories, places, missing, unknown }) => {
        if (outputs.length === 0) return []
        const place = graph.one(
          'LabelEncoder',
          {
            domain: 'ai.onnx.ml',
            inputs: [tensorOf(tensors, name)],
            attributes: {
              keys_strings: { texts: ['', ...categories].map(encodeText) },
              values_int64s: { integers: [missing ?? unknown ?? -1, ...places] },
              default_int64: { integer: unknown ?? -1 },
            },
          },
          { element: 'int64', columns: 1 },
        )
        return [...indicatorColumns(graph, place, outputs)]
      }),
    ),
}
