import type { FitData } from '../learner.ts'
import {
  flagOption,
  integerOption,
  makeSpec,
  numberOption,
  type OptionRule,
  type OptionRules,
  resolveOptions,
  seedOption,
} from '../options.ts'
import { kFoldKind, stratifiedKFoldKind } from '../splits/k-fold.ts'
import { countUp } from '../splits/shuffle.ts'
import type { Split } from '../splits/split.ts'
import type { Target } from '../target.ts'
import type { TransformerKind, TransformerSpec } from '../transformer.ts'
import { countCategories } from './category-counts.ts'
import { type CategoryTable, type CategoryTables, categoryTablesKind } from './category-table.ts'
import { categoriesOf, frameOf, numbersOf, numeric, requireKinds } from './columns.ts'
import { findCategoryMeans } from './target-statistics.ts'

export interface TargetEncodeOptions {
  /**
   * How much a category with few rows is drawn to the mean of all: so many rows of that mean are added; 'auto' takes
   * the variances into account. Default 'auto'.
   */
  readonly smooth?: number | 'auto'
  /** How many folds the rows of the fit are cut into. Default 5. */
  readonly cv?: number
  /** Whether rows are shuffled before they are cut. Default true. */
  readonly shuffle?: boolean
  /** Of the shuffle. Default 0. */
  readonly seed?: number
}
export interface TargetEncodeSpec extends TransformerSpec {
  readonly kind: 'targetEncode'
}
export interface TargetEncode extends CategoryTables {
  readonly kind: 'targetEncode'
}

const smoothOption: OptionRule<number | 'auto'> = (name, value = 'auto') =>
  value === 'auto' ? value : numberOption(0, { min: 0 })(name, value)

const rules: OptionRules<Required<TargetEncodeOptions>> = {
  smooth: smoothOption,
  cv: integerOption(5, 2, 1_000_000),
  shuffle: flagOption(true),
  seed: seedOption,
}

/**
 * Categorical columns as the mean target of their categories, smoothed (see `findCategoryMeans`), as scikit-learn's
 * TargetEncoder: of the number, of the second class of two, or, of more classes, a column `city_<class>` for each.
 * Missing is a category of its own if the training had it; it and unknown categories else have the mean of all rows.
 *
 * The rows of the fit get what the other folds say (stratified for classes), so that no row sees its own target.
 * Throws a RangeError for wrong options, a TypeError without a target.
 */
export const targetEncode = (options: TargetEncodeOptions = {}): TargetEncodeSpec =>
  makeSpec('targetEncode', rules, options)

interface Output {
  /** What comes behind the name of the column. */
  readonly suffix: string
  readonly values: Float64Array
}

const findOutputs = (target: Target | undefined): Output[] => {
  if (!target) throw new TypeError('targetEncode needs a target')
  if (target.kind === 'numbers') return [{ suffix: '', values: target.values }]
  const { codes, classes } = target
  if (classes.length < 2)
    throw new RangeError(
      `targetEncode: the target is ${String(classes[0])} in all rows; it needs two classes`,
    )
  const shareOf = (code: number): Float64Array => {
    const values = new Float64Array(codes.length)
    for (let row = 0; row < values.length; row += 1) if (codes[row] === code) values[row] = 1
    return values
  }
  if (classes.length === 2) return [{ suffix: '', values: shareOf(1) }]
  return classes.map((label, code) => ({ suffix: `_${String(label)}`, values: shareOf(code) }))
}

const fitTables = (
  spec: TargetEncodeSpec,
  { frame, target, weights }: FitData,
  rows: ArrayLike<number>,
): CategoryTable[] => {
  const { smooth } = resolveOptions('targetEncode', rules, spec.options)
  const outputs = findOutputs(target)
  return requireKinds('targetEncode', frame, ['categorical']).map((name) => {
    const column = categoriesOf(frame, name)
    const found = outputs.map(({ values }) =>
      findCategoryMeans(
        { codes: column.codes, categories: column.categories.length },
        { values, weights },
        rows,
        smooth,
      ),
    )
    const { categories } = countCategories(column, weights)
    const codeOf = new Map(column.categories.map((category, code) => [category, code]))
    const codes = categories.map((category) => codeOf.get(category) ?? -1)
    return {
      name,
      outputs: outputs.map(({ suffix }) => `${name}${suffix}`),
      categories,
      values: Float32Array.from(found.flatMap(({ means }) => codes.map((code) => means[code]))),
      missing: Float32Array.from(found, ({ means }) => means[column.categories.length]),
      unknown: Float32Array.from(found, ({ overall }) => overall),
    }
  })
}

/** Folds of the rows that have a weight: a fold must not be without any. */
const findFolds = (spec: TargetEncodeSpec, { frame, target, weights }: FitData): Split[] => {
  const { cv, shuffle, seed } = resolveOptions('targetEncode', rules, spec.options)
  const given = { nSplits: cv, shuffle, seed }
  const rows = countUp(frame.rows).filter((row) => weights === undefined || weights[row] > 0)
  const folds =
    target?.kind === 'classes'
      ? stratifiedKFoldKind.split(given, { rows: rows.length, codes: rows.map((row) => target.codes[row]) })
      : kFoldKind.split(given, { rows: rows.length })
  return folds.map(({ train, test }) => ({
    train: train.map((index) => rows[index]),
    test: test.map((index) => rows[index]),
  }))
}

const tables = categoryTablesKind<TargetEncode>('targetEncode')

export const targetEncodeKind: TransformerKind<TargetEncode, TargetEncodeSpec> = {
  ...tables,
  kind: 'targetEncode',
  fit: (spec, data) => ({ kind: 'targetEncode', columns: fitTables(spec, data, countUp(data.frame.rows)) }),
  fitTransform(spec, data) {
    const fitted = targetEncodeKind.fit(spec, data)
    const titles = fitted.columns.flatMap(({ outputs }) => outputs)
    // Rows of weight 0 are in no fold: they are encoded as new rows are.
    const whole = tables.transform(fitted, data.frame)
    const results = titles.map((title) => [title, numeric(numbersOf(whole, title))] as const)
    for (const fold of findFolds(spec, data)) {
      const others = { kind: 'targetEncode', columns: fitTables(spec, data, fold.train) } as const
      const encoded = tables.transform(others, data.frame)
      for (const [title, { values }] of results) {
        const own = numbersOf(encoded, title)
        for (const row of fold.test) values[row] = own[row]
      }
    }
    return { fitted, frame: frameOf(data.frame.rows, results) }
  },
}
