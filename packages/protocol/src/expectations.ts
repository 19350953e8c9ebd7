import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false } as const

/** A row that is judged at all, as Great Expectations 1.9 and later write it. */
export type RowCondition =
  | {
      type: 'comparison'
      column: { name: string }
      operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'NOT_IN'
      /** With a name: the value of another column. */
      parameter: Scalar | readonly Scalar[] | { name: string }
    }
  | { type: 'nullity'; column: { name: string }; is_null: boolean }
  | { type: 'and' | 'or'; conditions: readonly RowCondition[] }

type Scalar = string | number | boolean

/**
 * Only rows that meet the condition are looked at. Texts are `col("a") > 5`, `.notNull()` with the parser
 * `great_expectations` (the default), or an SQL expression with the parser `sql`.
 */
export interface ConditionKwargs {
  row_condition?: string | RowCondition
  condition_parser?: 'great_expectations' | 'sql'
}
/** `mostly`: share of the judged rows that must pass, 0–1. */
export interface RowKwargs extends ConditionKwargs {
  mostly?: number
}
interface ColumnKwargs extends RowKwargs {
  column: string
}
interface AggregateKwargs extends ConditionKwargs {
  column: string
}
interface Between<Value> {
  min_value?: Value | null
  max_value?: Value | null
  strict_min?: boolean
  strict_max?: boolean
}
interface PairKwargs extends RowKwargs {
  column_A: string
  column_B: string
  /** Rows that are not judged. */
  ignore_row_if?: 'both_values_are_missing' | 'either_value_is_missing' | 'neither'
}
interface RecordKwargs extends RowKwargs {
  column_list: readonly string[]
  /** Rows that are not judged. */
  ignore_row_if?: 'all_values_are_missing' | 'any_value_is_missing' | 'never'
}
type Regexes = { regex_list: readonly string[] }
type Likes = { like_pattern_list: readonly string[] }
type Order = { strictly?: boolean }
type Values = { value_set: readonly Scalar[] }

/** What each type of expectation takes. Names and kwargs are Great Expectations'; the last group is our own. */
export interface ExpectationKwargs {
  expect_column_values_to_be_null: ColumnKwargs
  expect_column_values_to_not_be_null: ColumnKwargs
  expect_column_values_to_be_unique: ColumnKwargs
  expect_column_values_to_be_in_set: ColumnKwargs & Values
  expect_column_values_to_not_be_in_set: ColumnKwargs & Values
  expect_column_values_to_be_between: ColumnKwargs & Between<number | string>
  expect_column_values_to_be_of_type: ColumnKwargs & { type_: string }
  expect_column_values_to_be_in_type_list: ColumnKwargs & { type_list: readonly string[] }
  expect_column_values_to_match_regex: ColumnKwargs & { regex: string }
  expect_column_values_to_not_match_regex: ColumnKwargs & { regex: string }
  expect_column_values_to_match_regex_list: ColumnKwargs & Regexes & { match_on?: 'any' | 'all' }
  expect_column_values_to_not_match_regex_list: ColumnKwargs & Regexes
  expect_column_values_to_match_like_pattern: ColumnKwargs & { like_pattern: string }
  expect_column_values_to_not_match_like_pattern: ColumnKwargs & { like_pattern: string }
  expect_column_values_to_match_like_pattern_list: ColumnKwargs & Likes & { match_on?: 'any' | 'all' }
  expect_column_values_to_not_match_like_pattern_list: ColumnKwargs & Likes
  expect_column_values_to_match_strftime_format: ColumnKwargs & { strftime_format: string }
  expect_column_values_to_be_json_parseable: ColumnKwargs
  expect_column_value_lengths_to_be_between: ColumnKwargs & Between<number>
  expect_column_value_lengths_to_equal: ColumnKwargs & { value: number }
  expect_column_values_to_be_increasing: ColumnKwargs & Order
  expect_column_values_to_be_decreasing: ColumnKwargs & Order
  expect_column_value_z_scores_to_be_less_than: ColumnKwargs & { threshold: number; double_sided?: boolean }

  expect_column_min_to_be_between: AggregateKwargs & Between<number | string>
  expect_column_max_to_be_between: AggregateKwargs & Between<number | string>
  expect_column_mean_to_be_between: AggregateKwargs & Between<number>
  expect_column_median_to_be_between: AggregateKwargs & Between<number>
  expect_column_stdev_to_be_between: AggregateKwargs & Between<number>
  expect_column_sum_to_be_between: AggregateKwargs & Between<number>
  expect_column_quantile_values_to_be_between: AggregateKwargs & {
    quantile_ranges: {
      quantiles: readonly number[]
      value_ranges: readonly (readonly [number | null, number | null])[]
    }
    allow_relative_error?: boolean
  }
  expect_column_unique_value_count_to_be_between: AggregateKwargs & Between<number>
  expect_column_proportion_of_unique_values_to_be_between: AggregateKwargs & Between<number>
  expect_column_proportion_of_non_null_values_to_be_between: AggregateKwargs & Between<number>
  expect_column_most_common_value_to_be_in_set: AggregateKwargs & Values & { ties_okay?: boolean }
  expect_column_distinct_values_to_be_in_set: AggregateKwargs & Values
  expect_column_distinct_values_to_contain_set: AggregateKwargs & Values
  expect_column_distinct_values_to_equal_set: AggregateKwargs & Values

  /** Expected shares of values, or of bins (one end more than weights). Weights have a sum of 1. */
  expect_column_kl_divergence_to_be_less_than: AggregateKwargs & {
    partition_object:
      | { values: readonly Scalar[]; weights: readonly number[] }
      | { bins: readonly number[]; weights: readonly number[]; tail_weights?: readonly [number, number] }
    threshold?: number
    tail_weight_holdout?: number
    internal_weight_holdout?: number
    bucketize_data?: boolean
  }

  expect_column_pair_values_to_be_equal: PairKwargs
  expect_column_pair_values_a_to_be_greater_than_b: PairKwargs & { or_equal?: boolean }
  expect_column_pair_values_to_be_in_set: PairKwargs & {
    value_pairs_set: readonly (readonly [Scalar | null, Scalar | null])[]
  }
  expect_compound_columns_to_be_unique: RecordKwargs
  expect_select_column_values_to_be_unique_within_record: RecordKwargs
  expect_multicolumn_sum_to_equal: RecordKwargs & { sum_total: number }
  expect_multicolumn_values_to_be_equal: RecordKwargs

  expect_table_row_count_to_be_between: ConditionKwargs & Between<number>
  expect_table_row_count_to_equal: ConditionKwargs & { value: number }
  expect_table_row_count_to_equal_other_table: ConditionKwargs & { other_table_name: string }
  expect_table_column_count_to_be_between: Between<number>
  expect_table_column_count_to_equal: { value: number }
  expect_table_columns_to_match_ordered_list: { column_list: readonly string[] }
  expect_table_columns_to_match_set: { column_set: readonly string[]; exact_match?: boolean }
  expect_column_to_exist: { column: string; column_index?: number }
  expect_column_type_to_be: { column: string; type_: string }
  unexpected_rows_expectation: ConditionKwargs & { unexpected_rows_query: string }

  /** Change of the number of rows since the version before, in percent of it. */
  expect_table_row_count_change_percent_to_be_between: ConditionKwargs & Between<number>
  /** The version before had the same columns, in any order; with `allow_new` there may be more now. */
  expect_table_columns_to_match_previous: { allow_new?: boolean }
  /** The newest time in the column is at most so many milliseconds ago. */
  expect_column_max_to_be_recent: AggregateKwargs & { max_age_ms: number }
  /** Distance of the column's distribution from that in the version before. */
  expect_column_distribution_change_to_be_less_than: {
    column: string
    threshold: number
    /** Population stability index (default), or Jensen-Shannon distance. */
    method?: 'psi' | 'jensen_shannon'
    /** Cells of a numeric column, each with an equal share of the version before: 2–100, default 10. */
    bins?: number
  }
}

export type ExpectationType = keyof ExpectationKwargs

/** Every type, once; that none is missing is checked by the compiler. */
const types: Record<ExpectationType, true> = {
  expect_column_values_to_be_null: true,
  expect_column_values_to_not_be_null: true,
  expect_column_values_to_be_unique: true,
  expect_column_values_to_be_in_set: true,
  expect_column_values_to_not_be_in_set: true,
  expect_column_values_to_be_between: true,
  expect_column_values_to_be_of_type: true,
  expect_column_values_to_be_in_type_list: true,
  expect_column_values_to_match_regex: true,
  expect_column_values_to_not_match_regex: true,
  expect_column_values_to_match_regex_list: true,
  expect_column_values_to_not_match_regex_list: true,
  expect_column_values_to_match_like_pattern: true,
  expect_column_values_to_not_match_like_pattern: true,
  expect_column_values_to_match_like_pattern_list: true,
  expect_column_values_to_not_match_like_pattern_list: true,
  expect_column_values_to_match_strftime_format: true,
  expect_column_values_to_be_json_parseable: true,
  expect_column_value_lengths_to_be_between: true,
  expect_column_value_lengths_to_equal: true,
  expect_column_values_to_be_increasing: true,
  expect_column_values_to_be_decreasing: true,
  expect_column_value_z_scores_to_be_less_than: true,
  expect_column_min_to_be_between: true,
  expect_column_max_to_be_between: true,
  expect_column_mean_to_be_between: true,
  expect_column_median_to_be_between: true,
  expect_column_stdev_to_be_between: true,
  expect_column_sum_to_be_between: true,
  expect_column_quantile_values_to_be_between: true,
  expect_column_unique_value_count_to_be_between: true,
  expect_column_proportion_of_unique_values_to_be_between: true,
  expect_column_proportion_of_non_null_values_to_be_between: true,
  expect_column_most_common_value_to_be_in_set: true,
  expect_column_distinct_values_to_be_in_set: true,
  expect_column_distinct_values_to_contain_set: true,
  expect_column_distinct_values_to_equal_set: true,
  expect_column_kl_divergence_to_be_less_than: true,
  expect_column_pair_values_to_be_equal: true,
  expect_column_pair_values_a_to_be_greater_than_b: true,
  expect_column_pair_values_to_be_in_set: true,
  expect_compound_columns_to_be_unique: true,
  expect_select_column_values_to_be_unique_within_record: true,
  expect_multicolumn_sum_to_equal: true,
  expect_multicolumn_values_to_be_equal: true,
  expect_table_row_count_to_be_between: true,
  expect_table_row_count_to_equal: true,
  expect_table_row_count_to_equal_other_table: true,
  expect_table_column_count_to_be_between: true,
  expect_table_column_count_to_equal: true,
  expect_table_columns_to_match_ordered_list: true,
  expect_table_columns_to_match_set: true,
  expect_column_to_exist: true,
  expect_column_type_to_be: true,
  unexpected_rows_expectation: true,
  expect_table_row_count_change_percent_to_be_between: true,
  expect_table_columns_to_match_previous: true,
  expect_column_max_to_be_recent: true,
  expect_column_distribution_change_to_be_less_than: true,
}
export const expectationTypes = Object.keys(types) as readonly ExpectationType[]

/** Types of Great Expectations that are refused, with what to use in their place. */
export const refusedExpectations: Readonly<Record<string, string>> = {
  expect_column_values_to_be_dateutil_parseable:
    'what dateutil guesses has no equal outside of Python; use expect_column_values_to_match_strftime_format',
  expect_column_values_to_match_json_schema:
    'JSON schemas are not checked in the data engine; use expect_column_values_to_be_json_parseable or unexpected_rows_expectation',
  expect_column_values_to_not_be_outliers: 'use expect_column_value_z_scores_to_be_less_than',
  expect_query_results_to_match_comparison: 'use unexpected_rows_expectation',
  expect_column_bootstrapped_ks_test_p_value_to_be_greater_than:
    'Great Expectations does not have it either: it is a stub',
  expect_column_chisquare_test_p_value_to_be_greater_than:
    'Great Expectations does not have it either: it is a stub',
  expect_column_pair_cramers_phi_value_to_be_less_than:
    'Great Expectations does not have it either: it is a stub',
  expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than:
    'Great Expectations does not have it either: it is a stub',
  expect_multicolumn_values_to_be_unique: 'use expect_select_column_values_to_be_unique_within_record',
}

/** What a failure means: the version is refused, it is used but told about, or it is only in the report. */
export const Severity = Type.Union([Type.Literal('stop'), Type.Literal('warn'), Type.Literal('info')])
export type Severity = Static<typeof Severity>

/** An expectation in Great Expectations' vocabulary: `type` and `kwargs` as there. */
export const Expectation = Type.Object(
  {
    type: Type.Unsafe<ExpectationType>(Type.Union(expectationTypes.map((type) => Type.Literal(type)))),
    kwargs: Type.Record(Type.String({ maxLength: 128 }), Type.Unknown(), { maxProperties: 32 }),
    severity: Severity,
    notes: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
    meta: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  closed,
)
export type Expectation = Static<typeof Expectation>
