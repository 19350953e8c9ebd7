import { quoteText } from '../../../kernel/sql.ts'
import { outside, valueRule } from './column-rows.ts'
import type { Kwargs } from './kwargs.ts'
import type { Compile } from './rule.ts'

/** A pattern is found anywhere in the text, as in Great Expectations. */
const regex = (column: string, pattern: string) => `regexp_matches(${column}, ${quoteText(pattern)})`
const like = (column: string, pattern: string) => `${column} LIKE ${quoteText(pattern)}`

/** One pattern that must match, or must not. */
const pattern =
  (field: string, matches: typeof regex, wanted: boolean): Compile =>
  (kwargs) => {
    const column = kwargs.column(['string'])
    const found = matches(column.sql, kwargs.text(field))
    return valueRule(column, wanted ? `NOT ${found}` : found)
  }

/** Several patterns of which any or all must match. */
const patterns =
  (field: string, matches: typeof regex): Compile =>
  (kwargs) => {
    const column = kwargs.column(['string'])
    const word = kwargs.oneOf('match_on', ['any', 'all'], 'any') === 'any' ? 'OR' : 'AND'
    const list = kwargs.texts(field).map((one) => matches(column.sql, one))
    return valueRule(column, `NOT (${list.join(` ${word} `)})`)
  }

/** Several patterns of which none may match. */
const noPatterns =
  (field: string, matches: typeof regex): Compile =>
  (kwargs) => {
    const column = kwargs.column(['string'])
    return valueRule(
      column,
      kwargs
        .texts(field)
        .map((one) => matches(column.sql, one))
        .join(' OR '),
    )
  }

const lengthsBetween: Compile = (kwargs) => {
  const column = kwargs.column(['string'])
  return valueRule(column, outside(`length(${column.sql})`, 'float64', kwargs.bounds()))
}

const lengthsEqual: Compile = (kwargs) => {
  const column = kwargs.column(['string'])
  return valueRule(column, `length(${column.sql}) <> ${wholeNumber(kwargs, 'value')}`)
}

export function wholeNumber(kwargs: Kwargs, field: string): number {
  const value = kwargs.number(field)
  if (!Number.isSafeInteger(value) || value < 0)
    throw kwargs.refuse(`needs a whole number as "${field}", got ${value}`)
  return value
}

/** Formats are those of the lake's `strptime`, which are Python's. */
const strftime: Compile = (kwargs) => {
  const column = kwargs.column(['string'])
  return valueRule(
    column,
    `${column.sql} IS NOT NULL AND try_strptime(${column.sql}, ${quoteText(kwargs.text('strftime_format'))}) IS NULL`,
  )
}

const json: Compile = (kwargs) => {
  const column = kwargs.column(['string'])
  return valueRule(column, `NOT json_valid(${column.sql})`)
}

export const textRows = {
  expect_column_values_to_match_regex: pattern('regex', regex, true),
  expect_column_values_to_not_match_regex: pattern('regex', regex, false),
  expect_column_values_to_match_regex_list: patterns('regex_list', regex),
  expect_column_values_to_not_match_regex_list: noPatterns('regex_list', regex),
  expect_column_values_to_match_like_pattern: pattern('like_pattern', like, true),
  expect_column_values_to_not_match_like_pattern: pattern('like_pattern', like, false),
  expect_column_values_to_match_like_pattern_list: patterns('like_pattern_list', like),
  expect_column_values_to_not_match_like_pattern_list: noPatterns('like_pattern_list', like),
  expect_column_values_to_match_strftime_format: strftime,
  expect_column_values_to_be_json_parseable: json,
  expect_column_value_lengths_to_be_between: lengthsBetween,
  expect_column_value_lengths_to_equal: lengthsEqual,
} satisfies Record<string, Compile>
