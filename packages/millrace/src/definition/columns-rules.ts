import type { Column } from './column.ts'
import { createRule, type Expectation } from './expectation.ts'

/** Rules about several columns of a row. */
export interface ColumnsRules {
  /** No two rows have the same combination. */
  toBeUnique(): Expectation
  /** All different from each other within a row. */
  toDiffer(): Expectation
  /** All equal to each other within a row. */
  toBeEqual(): Expectation
  /** Their sum within a row. */
  toSumTo(total: number): Expectation
  /** One of these combinations; for two columns. */
  toBeIn(
    pairs: readonly (readonly [string | number | boolean | null, string | number | boolean | null])[],
  ): Expectation
}

/** @throws TypeError for fewer than two columns */
export function columnsRules(columns: readonly Column[]): ColumnsRules {
  const names = columns.map(({ name }) => name)
  if (names.length < 2)
    throw new TypeError(`expect.columns needs two columns or more, got ${names.join(', ') || 'none'}`)
  const list = { column_list: names }
  return {
    toBeUnique: () => createRule('expect_compound_columns_to_be_unique', list),
    toDiffer: () => createRule('expect_select_column_values_to_be_unique_within_record', list),
    toBeEqual: () => createRule('expect_multicolumn_values_to_be_equal', list),
    toSumTo: (total) => createRule('expect_multicolumn_sum_to_equal', { ...list, sum_total: total }),
    toBeIn(pairs) {
      if (names.length > 2)
        throw new TypeError(`expect.columns(…).toBeIn takes two columns, got ${names.join(', ')}`)
      return createRule('expect_column_pair_values_to_be_in_set', {
        column_A: names[0],
        column_B: names[1],
        value_pairs_set: pairs,
      })
    },
  }
}
