import type { Expectation, ExpectationKwargs, ExpectationType, Schema } from '@millrace/protocol'

export const columns: Schema = {
  id: 'int64',
  at: 'timestamp',
  amount: 'float64',
  fee: 'float64',
  total: 'float64',
  quantity: 'int64',
  country: 'string',
  city: 'string',
  status: 'string',
  code: 'string',
  paid: 'boolean',
  score: 'float64',
}

/** The table's columns as SQL over `i`, the number of a row. A few values are missing or wrong. */
export const generated: Record<keyof typeof columns, string> = {
  id: 'i',
  at: "TIMESTAMP '2020-01-01' + to_seconds(i * 7 % 100000000)",
  amount: 'CASE WHEN i % 20 = 0 THEN NULL ELSE (hash(i) % 100000) / 100.0 END::DOUBLE',
  fee: '((hash(i + 1) % 500) / 100.0)::DOUBLE',
  total: '((hash(i) % 100000) / 100.0 + (hash(i + 1) % 500) / 100.0)::DOUBLE',
  quantity: '(hash(i + 2) % 20)::BIGINT',
  country: "'C' || (hash(i + 3) % 20)::VARCHAR",
  city: "CASE WHEN i % 33 = 0 THEN NULL ELSE 'city-' || (hash(i + 4) % 500)::VARCHAR END",
  status: "['new', 'paid', 'sent', 'done', 'lost'][(hash(i + 5) % 5)::INTEGER + 1]",
  code: "CASE WHEN i % 1000003 = 7 THEN 'wrong' ELSE printf('%s-%06d', ['AB', 'CD', 'EF'][(i % 3)::INTEGER + 1], i % 1000000) END",
  paid: 'hash(i + 6) % 3 > 0',
  score: '((hash(i + 7) % 1000001) / 1000000.0)::DOUBLE',
}

const countries = Array.from({ length: 20 }, (_, i) => `C${i}`)
const statuses = ['new', 'paid', 'sent', 'done', 'lost']

function gx<Type extends ExpectationType>(type: Type, kwargs: ExpectationKwargs[Type]): Expectation {
  return { type, kwargs: kwargs as Record<string, unknown>, severity: 'stop' }
}

/** Fifty expectations of the kinds that people use most. */
export const suite: readonly Expectation[] = [
  ...['id', 'code'].map((column) => gx('expect_column_to_exist', { column })),
  ...['id', 'at', 'fee', 'total', 'quantity', 'country', 'status', 'code', 'paid', 'score'].map((column) =>
    gx('expect_column_values_to_not_be_null', { column }),
  ),
  gx('expect_column_values_to_not_be_null', { column: 'amount', mostly: 0.9 }),
  gx('expect_column_values_to_not_be_null', { column: 'city', mostly: 0.9 }),
  gx('expect_column_values_to_be_unique', { column: 'id' }),
  gx('expect_column_values_to_be_between', { column: 'amount', min_value: 0, max_value: 1000 }),
  gx('expect_column_values_to_be_between', { column: 'amount', min_value: 10, mostly: 0.95 }),
  gx('expect_column_values_to_be_between', { column: 'fee', min_value: 0, max_value: 5 }),
  gx('expect_column_values_to_be_between', { column: 'quantity', min_value: 0, max_value: 19 }),
  gx('expect_column_values_to_be_between', { column: 'score', min_value: 0, max_value: 1 }),
  gx('expect_column_values_to_be_in_set', { column: 'country', value_set: countries }),
  gx('expect_column_values_to_be_in_set', { column: 'status', value_set: statuses }),
  gx('expect_column_values_to_not_be_in_set', { column: 'status', value_set: ['lost'], mostly: 0.7 }),
  gx('expect_column_values_to_match_regex', { column: 'code', regex: '^[A-Z]{2}-[0-9]{6}$' }),
  gx('expect_column_values_to_match_regex', { column: 'city', regex: '^city-[0-9]+$' }),
  gx('expect_column_value_lengths_to_be_between', { column: 'country', min_value: 2, max_value: 3 }),
  gx('expect_column_value_lengths_to_be_between', { column: 'city', min_value: 6, max_value: 8 }),
  gx('expect_column_pair_values_a_to_be_greater_than_b', {
    column_A: 'total',
    column_B: 'fee',
    or_equal: true,
  }),
  gx('expect_column_min_to_be_between', { column: 'amount', min_value: 0, max_value: 1 }),
  gx('expect_column_max_to_be_between', { column: 'amount', min_value: 999, max_value: 1000 }),
  gx('expect_column_mean_to_be_between', { column: 'amount', min_value: 499, max_value: 501 }),
  gx('expect_column_mean_to_be_between', { column: 'score', min_value: 0.49, max_value: 0.51 }),
  gx('expect_column_stdev_to_be_between', { column: 'score', min_value: 0.28, max_value: 0.3 }),
  gx('expect_column_sum_to_be_between', { column: 'quantity', min_value: 1 }),
  gx('expect_column_min_to_be_between', { column: 'quantity', min_value: 0, max_value: 0 }),
  gx('expect_column_max_to_be_between', { column: 'quantity', min_value: 19, max_value: 19 }),
  gx('expect_column_unique_value_count_to_be_between', { column: 'city', min_value: 500, max_value: 500 }),
  gx('expect_column_unique_value_count_to_be_between', { column: 'country', min_value: 20, max_value: 20 }),
  gx('expect_column_distinct_values_to_be_in_set', { column: 'status', value_set: statuses }),
  gx('expect_column_unique_value_count_to_be_between', { column: 'status', min_value: 5, max_value: 5 }),
  gx('expect_column_values_to_be_between', { column: 'id', min_value: 0 }),
  gx('expect_column_values_to_be_between', { column: 'total', min_value: 0, max_value: 1010 }),
  gx('expect_column_values_to_not_be_in_set', { column: 'country', value_set: ['XX', 'YY'] }),
  gx('expect_column_values_to_match_regex', { column: 'country', regex: '^C[0-9]+$' }),
  gx('expect_column_values_to_match_regex', { column: 'status', regex: '^[a-z]{4}|new$' }),
  gx('expect_column_values_to_not_match_regex', { column: 'code', regex: '^XX' }),
  gx('expect_column_value_lengths_to_be_between', { column: 'code', min_value: 5, max_value: 9 }),
  gx('expect_column_median_to_be_between', { column: 'amount', min_value: 490, max_value: 510 }),
  gx('expect_column_stdev_to_be_between', { column: 'amount', min_value: 280, max_value: 300 }),
  gx('expect_table_row_count_to_be_between', { min_value: 1 }),
]
