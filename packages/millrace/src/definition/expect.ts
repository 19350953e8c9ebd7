import type { ColumnType, ExpectationKwargs, ExpectationType, Severity } from '@millrace/protocol'
import type { Column } from './column.ts'
import { type ColumnRules, columnRules } from './column-rules.ts'
import { type ColumnsRules, columnsRules } from './columns-rules.ts'
import { createRule, type Expectation } from './expectation.ts'
import { readSuite } from './gx-suite.ts'
import { type Limits, limits } from './limits.ts'

/**
 * Begins a rule: `expect(c.delay).toBeBetween(-120, 2000).mostly(0.999)`, or `expect.rowCount({ min: 1000 })`.
 * Nulls pass every rule about values but `notToBeNull`.
 */
export function expect<T extends ColumnType>(column: Column<T>): ColumnRules<T> {
  return columnRules(column)
}

/** Rules about several columns of a row: `expect.columns(c.origin, c.destination).toDiffer()`. */
expect.columns = (...columns: readonly Column[]): ColumnsRules => columnsRules(columns)

/** The number of rows, both ends included. */
expect.rowCount = (rows: Limits): Expectation =>
  createRule('expect_table_row_count_to_be_between', limits('row count', rows))

/** The number of rows, equal to that of the newest version of another dataset. */
expect.rowCountToEqualThatOf = (dataset: { readonly kind: 'dataset'; readonly name: string }): Expectation =>
  createRule('expect_table_row_count_to_equal_other_table', { other_table_name: dataset.name })

/** Change of the number of rows since the version before, in percent of it: -20 is a fifth less. */
expect.rowCountChange = (percent: Limits): Expectation =>
  createRule('expect_table_row_count_change_percent_to_be_between', limits('row count change', percent))

/** The version before had the same columns; with `allowNew` there may be more now. */
expect.columnsUnchanged = ({ allowNew = false }: { allowNew?: boolean } = {}): Expectation =>
  createRule('expect_table_columns_to_match_previous', { allow_new: allowNew })

/** A query over `{batch}`, the rows of the version: each row that it gives is one too many. */
expect.noRows = (query: string): Expectation => {
  if (!query.includes('{batch}')) throw new TypeError('expect.noRows: the query must read {batch}')
  return createRule('unexpected_rows_expectation', { unexpected_rows_query: query })
}

/** Any type by its name in Great Expectations, with its kwargs as there. */
expect.gx = <Type extends ExpectationType>(
  type: Type,
  kwargs: ExpectationKwargs[Type],
  { severity = 'stop' }: { severity?: Severity } = {},
): Expectation => createRule(type, kwargs, severity)

/**
 * The expectations of a suite of Great Expectations, as its JSON file has them.
 * @throws TypeError naming the first one that there is no equal of, and why
 */
expect.suite = (suite: unknown): Expectation[] => readSuite(suite)
