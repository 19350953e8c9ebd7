import { choiceOption, makeSpec, type OptionRule, type OptionRules, resolveOptions } from '../options.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { countCategories, findInfrequent, type RareOptions, rareRules } from './category-counts.ts'
import { type CategoryTables, categoryTablesKind } from './category-table.ts'
import { categoriesOf, requireKinds } from './columns.ts'

export interface OrdinalOptions extends RareOptions {
  /** What a category that the training did not have becomes. Default 'error'. */
  readonly handleUnknown?: 'error' | 'useEncodedValue'
  /** The number of unknown categories with 'useEncodedValue'; null is missing. Default null. */
  readonly unknownValue?: number | null
  /** The number of what is missing; null is missing. Default null. */
  readonly encodedMissingValue?: number | null
}
export interface OrdinalSpec extends TransformerSpec {
  readonly kind: 'ordinal'
}
export interface Ordinal extends CategoryTables {
  readonly kind: 'ordinal'
}

const valueOption: OptionRule<number | null> = (name, value = null) => {
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return value
  throw new RangeError(`${name} must be a finite number or null, not ${JSON.stringify(value)}`)
}

const rules: OptionRules<Required<OrdinalOptions>> = {
  ...rareRules,
  handleUnknown: choiceOption('error', ['error', 'useEncodedValue']),
  unknownValue: valueOption,
  encodedMissingValue: valueOption,
}

/**
 * Categorical columns as the numbers of their categories, 0, 1, …, ascending, as scikit-learn's OrdinalEncoder; the
 * infrequent ones are the last number together. Throws a RangeError for wrong options, in the fit for a number of
 * unknown ones that a category has, and, where they are an error, for an unknown category in `transform` (in an ONNX
 * graph, which knows no errors, it is missing).
 */
export const ordinal = (options: OrdinalOptions = {}): OrdinalSpec => makeSpec('ordinal', rules, options)

export const ordinalKind: TransformerKind<Ordinal, OrdinalSpec> = {
  ...categoryTablesKind<Ordinal>('ordinal'),
  kind: 'ordinal',
  fit(spec, { frame, weights }) {
    const options = resolveOptions('ordinal', rules, spec.options)
    const { handleUnknown, unknownValue, encodedMissingValue } = options
    const columns = requireKinds('ordinal', frame, ['categorical']).map((name) => {
      const { categories, counts } = countCategories(categoriesOf(frame, name), weights)
      const rare = findInfrequent(
        counts,
        counts.reduce((sum, count) => sum + count, 0),
        options,
      )
      const infrequent = rare.filter((isRare) => !isRare).length
      let next = 0
      const values = rare.map((isRare) => {
        if (isRare) return infrequent
        next += 1
        return next - 1
      })
      if (handleUnknown === 'useEncodedValue' && unknownValue !== null && values.includes(unknownValue))
        throw new RangeError(
          `ordinal's unknownValue ${unknownValue} is the number of a category of column '${name}'; take another`,
        )
      return {
        name,
        outputs: [name],
        categories,
        values: Float32Array.from(values),
        missing: Float32Array.of(encodedMissingValue ?? Number.NaN),
        unknown: handleUnknown === 'error' ? null : Float32Array.of(unknownValue ?? Number.NaN),
      }
    })
    return { kind: 'ordinal', columns }
  },
}
