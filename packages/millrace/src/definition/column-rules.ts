import type { ColumnType, ValueOf } from '@millrace/protocol'
import type { Column } from './column.ts'
import { type Duration, parseDuration } from './duration.ts'
import { createRule, type Expectation, toWire } from './expectation.ts'
import { type Limits, limits } from './limits.ts'

interface AnyRules<T extends ColumnType> {
  toBeNull(): Expectation
  notToBeNull(): Expectation
  toBeUnique(): Expectation
  toBeIn(values: readonly ValueOf<T>[]): Expectation
  notToBeIn(values: readonly ValueOf<T>[]): Expectation
  /** In each row the same as another column. */
  toEqual(other: Column<T>): Expectation
  /** The number of distinct values. */
  distinctCount(range: Limits): Expectation
  /** Distinct values per value that is not null, 0–1. */
  distinctShare(range: Limits): Expectation
  /** The values that occur: only such, at least these, or exactly these. */
  distinctValues(
    which:
      | { in: readonly ValueOf<T>[] }
      | { contain: readonly ValueOf<T>[] }
      | { equal: readonly ValueOf<T>[] },
  ): Expectation
  /** The value that occurs most often; with `ties`, one of those that do. */
  mostCommonToBeIn(values: readonly ValueOf<T>[], options?: { ties?: boolean }): Expectation
  /** Share of the rows that have a value, 0–1. */
  presentShare(range: Limits): Expectation
  /** Distance from the version before stays below a threshold: PSI (default) or Jensen-Shannon. */
  toKeepItsDistribution(options: {
    below: number
    method?: 'psi' | 'jensen_shannon'
    bins?: number
  }): Expectation
}

interface OrderedRules<T extends ColumnType> {
  /** Both ends are included; null, or no maximum, leaves an end open. */
  toBeBetween(min: ValueOf<T> | null, max?: ValueOf<T> | null): Expectation
  /** In the order of the rows, which is that of the event time. */
  toIncrease(options?: { strictly?: boolean }): Expectation
  toDecrease(options?: { strictly?: boolean }): Expectation
  /** In each row above another column, or equal to it. */
  toBeAbove(other: Column<T>, options?: { orEqual?: boolean }): Expectation
  min(range: Limits<ValueOf<T>>): Expectation
  max(range: Limits<ValueOf<T>>): Expectation
}

interface NumberRules {
  mean(range: Limits): Expectation
  median(range: Limits): Expectation
  /** Of the sample. */
  stdev(range: Limits): Expectation
  sum(range: Limits): Expectation
  /** Exact: values of the column. Null leaves an end open. */
  quantiles(ranges: readonly { at: number; min: number | null; max: number | null }[]): Expectation
  /** Distance from the mean in standard deviations, on both sides unless told otherwise. */
  zScoresToBeBelow(threshold: number, options?: { doubleSided?: boolean }): Expectation
}

interface TextRules {
  /** Anywhere in the text. RE2 syntax: no look-around, no back-references. Flags i, m, s are kept. */
  toMatch(pattern: RegExp): Expectation
  notToMatch(pattern: RegExp): Expectation
  toMatchAny(patterns: readonly RegExp[]): Expectation
  toMatchAll(patterns: readonly RegExp[]): Expectation
  notToMatchAny(patterns: readonly RegExp[]): Expectation
  /** SQL's pattern: `%` is any text, `_` one character. */
  toBeLike(pattern: string): Expectation
  notToBeLike(pattern: string): Expectation
  /** The number of characters. */
  length(range: number | Limits): Expectation
  /** A format of `strptime`: `%Y-%m-%d`. */
  toBeTimeOfFormat(format: string): Expectation
  toBeJson(): Expectation
}

interface TimeRules {
  /** The newest time is at most so long ago. */
  toBeRecent(maxAge: Duration): Expectation
}

type Numbers = 'int64' | 'float64'

/** The rules that make sense for a column of the type. */
export type ColumnRules<T extends ColumnType> = AnyRules<T> &
  (T extends Numbers | 'timestamp' | 'string' ? OrderedRules<T> : unknown) &
  (T extends Numbers ? NumberRules : unknown) &
  (T extends 'string' ? TextRules : unknown) &
  (T extends 'timestamp' ? TimeRules : unknown)

export function columnRules<T extends ColumnType>({ name }: Column<T>): ColumnRules<T> {
  const column = { column: name }
  const what = `column "${name}"`
  const set = (values: readonly unknown[]) => ({ ...column, value_set: values.map(toWire) as string[] })
  const between = <V>(range: Limits<V>) => ({ ...column, ...limits(what, range) })
  const regexes = (patterns: readonly RegExp[]) => patterns.map((pattern) => toRe2(name, pattern))
  const rules: AnyRules<T> & OrderedRules<T> & NumberRules & TextRules & TimeRules = {
    toBeNull: () => createRule('expect_column_values_to_be_null', column),
    notToBeNull: () => createRule('expect_column_values_to_not_be_null', column),
    toBeUnique: () => createRule('expect_column_values_to_be_unique', column),
    toBeIn: (values) => createRule('expect_column_values_to_be_in_set', set(values)),
    notToBeIn: (values) => createRule('expect_column_values_to_not_be_in_set', set(values)),
    toEqual: (other) =>
      createRule('expect_column_pair_values_to_be_equal', { column_A: name, column_B: other.name }),
    distinctCount: (range) => createRule('expect_column_unique_value_count_to_be_between', between(range)),
    distinctShare: (range) =>
      createRule('expect_column_proportion_of_unique_values_to_be_between', between(range)),
    distinctValues(which) {
      if ('in' in which) return createRule('expect_column_distinct_values_to_be_in_set', set(which.in))
      if ('contain' in which)
        return createRule('expect_column_distinct_values_to_contain_set', set(which.contain))
      return createRule('expect_column_distinct_values_to_equal_set', set(which.equal))
    },
    mostCommonToBeIn: (values, { ties = false } = {}) =>
      createRule('expect_column_most_common_value_to_be_in_set', { ...set(values), ties_okay: ties }),
    presentShare: (range) =>
      createRule('expect_column_proportion_of_non_null_values_to_be_between', between(range)),
    toKeepItsDistribution: ({ below, method, bins }) =>
      createRule('expect_column_distribution_change_to_be_less_than', {
        ...column,
        threshold: below,
        method,
        bins,
      }),
    toBeBetween: (min, max) =>
      createRule(
        'expect_column_values_to_be_between',
        between({ min: min ?? undefined, max: max ?? undefined }),
      ),
    toIncrease: ({ strictly = false } = {}) =>
      createRule('expect_column_values_to_be_increasing', { ...column, strictly }),
    toDecrease: ({ strictly = false } = {}) =>
      createRule('expect_column_values_to_be_decreasing', { ...column, strictly }),
    toBeAbove: (other, { orEqual = false } = {}) =>
      createRule('expect_column_pair_values_a_to_be_greater_than_b', {
        column_A: name,
        column_B: other.name,
        or_equal: orEqual,
      }),
    min: (range) => createRule('expect_column_min_to_be_between', between(range)),
    max: (range) => createRule('expect_column_max_to_be_between', between(range)),
    mean: (range) => createRule('expect_column_mean_to_be_between', between(range)),
    median: (range) => createRule('expect_column_median_to_be_between', between(range)),
    stdev: (range) => createRule('expect_column_stdev_to_be_between', between(range)),
    sum: (range) => createRule('expect_column_sum_to_be_between', between(range)),
    quantiles: (ranges) =>
      createRule('expect_column_quantile_values_to_be_between', {
        ...column,
        quantile_ranges: {
          quantiles: ranges.map(({ at }) => at),
          value_ranges: ranges.map(({ min, max }) => [min, max] as const),
        },
      }),
    zScoresToBeBelow: (threshold, { doubleSided = true } = {}) =>
      createRule('expect_column_value_z_scores_to_be_less_than', {
        ...column,
        threshold,
        double_sided: doubleSided,
      }),
    toMatch: (pattern) =>
      createRule('expect_column_values_to_match_regex', { ...column, regex: toRe2(name, pattern) }),
    notToMatch: (pattern) =>
      createRule('expect_column_values_to_not_match_regex', { ...column, regex: toRe2(name, pattern) }),
    toMatchAny: (patterns) =>
      createRule('expect_column_values_to_match_regex_list', { ...column, regex_list: regexes(patterns) }),
    toMatchAll: (patterns) =>
      createRule('expect_column_values_to_match_regex_list', {
        ...column,
        regex_list: regexes(patterns),
        match_on: 'all',
      }),
    notToMatchAny: (patterns) =>
      createRule('expect_column_values_to_not_match_regex_list', {
        ...column,
        regex_list: regexes(patterns),
      }),
    toBeLike: (pattern) =>
      createRule('expect_column_values_to_match_like_pattern', { ...column, like_pattern: pattern }),
    notToBeLike: (pattern) =>
      createRule('expect_column_values_to_not_match_like_pattern', { ...column, like_pattern: pattern }),
    length: (range) =>
      typeof range === 'number'
        ? createRule('expect_column_value_lengths_to_equal', { ...column, value: range })
        : createRule('expect_column_value_lengths_to_be_between', between(range)),
    toBeTimeOfFormat: (format) =>
      createRule('expect_column_values_to_match_strftime_format', { ...column, strftime_format: format }),
    toBeJson: () => createRule('expect_column_values_to_be_json_parseable', column),
    toBeRecent: (maxAge) =>
      createRule('expect_column_max_to_be_recent', {
        ...column,
        max_age_ms: parseDuration(maxAge, `${what}: the age`),
      }),
  }
  return rules as unknown as ColumnRules<T>
}

function toRe2(column: string, pattern: RegExp): string {
  const flags = pattern.flags.replace(/[gyuvd]/g, '')
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern.source)) {
    throw new TypeError(
      `column "${column}": ${String(pattern)} uses look-around or a back-reference, which cannot be checked`,
    )
  }
  return flags ? `(?${flags})${pattern.source}` : pattern.source
}
