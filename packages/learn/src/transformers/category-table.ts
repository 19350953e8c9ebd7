import type { Frame } from '../frame.ts'
import { checkLength } from '../learners/check-model.ts'
import { encodeText } from '../text.ts'
import type { FittedTransformer, TransformerKind } from '../transformer.ts'
import { checkTexts } from './check-columns.ts'
import { categoriesOf, frameOf, numeric, placeCategories, tensorOf } from './columns.ts'
import { unknownCategory } from './unknown-category.ts'

/** Numbers for the categories of a column. */
export interface CategoryTable {
  readonly name: string
  /** The columns that come out. */
  readonly outputs: readonly string[]
  readonly categories: readonly string[]
  /** Output after output, a number for each category. */
  readonly values: Float32Array
  /** For each output what stands for missing, and for unknown categories; null if they are an error. */
  readonly missing: Float32Array
  readonly unknown: Float32Array | null
}

/** Numbers in the place of categories. */
export interface CategoryTables extends FittedTransformer {
  readonly columns: readonly CategoryTable[]
}

/** The column's numbers, one array for each output. */
const lookUp = (
  kind: string,
  { name, outputs, categories, values, missing, unknown }: CategoryTable,
  frame: Frame,
): Float32Array[] => {
  const column = categoriesOf(frame, name)
  const refuse = unknownCategory(kind, name, column)
  const indexes = placeCategories(column, categories, (category) =>
    unknown === null ? refuse.ifUsed(category) : -1,
  )
  return outputs.map((_, output) => {
    const own = values.subarray(output * categories.length, (output + 1) * categories.length)
    const numbers = indexes.map((index) => (index === -1 ? (unknown?.[output] ?? Number.NaN) : own[index]))
    const results = new Float32Array(frame.rows)
    for (let row = 0; row < frame.rows; row += 1) {
      const code = column.codes[row]
      results[row] = code === -1 ? missing[output] : numbers[code]
    }
    return results
  })
}

/** What the transformers that put numbers in the place of categories have in common. */
export const categoryTablesKind = <F extends CategoryTables>(
  kind: F['kind'],
): Pick<TransformerKind<F>, 'transform' | 'origins' | 'check' | 'toOnnx'> => ({
  transform: ({ columns }, frame) =>
    frameOf(
      frame.rows,
      columns.flatMap((table) =>
        lookUp(kind, table, frame).map((values, output) => [table.outputs[output], numeric(values)] as const),
      ),
    ),
  origins: ({ columns }) =>
    new Map(columns.flatMap(({ name, outputs }) => outputs.map((output) => [output, [name]] as const))),
  check({ columns }) {
    for (const { name, outputs, categories, values, missing, unknown } of columns) {
      checkTexts('columns', [name, ...outputs])
      checkTexts('categories', categories)
      checkLength('values', values, Float32Array, outputs.length * categories.length)
      checkLength('missing', missing, Float32Array, outputs.length)
      if (unknown !== null) checkLength('unknown', unknown, Float32Array, outputs.length)
    }
  },
  toOnnx: ({ columns }, graph, tensors) =>
    new Map(
      columns.flatMap(({ name, outputs, categories, values, missing, unknown }) => {
        const keys = ['', ...categories].map(encodeText)
        return outputs.map((title, output) => {
          const own = values.subarray(output * categories.length, (output + 1) * categories.length)
          const tensor = graph.one(
            'LabelEncoder',
            {
              domain: 'ai.onnx.ml',
              inputs: [tensorOf(tensors, name)],
              attributes: {
                keys_strings: { texts: keys },
                values_floats: { floats: [missing[output], ...own] },
                default_float: { float: unknown?.[output] ?? Number.NaN },
              },
            },
            { element: 'float', columns: 1 },
          )
          return [title, tensor] as const
        })
      }),
    ),
})
