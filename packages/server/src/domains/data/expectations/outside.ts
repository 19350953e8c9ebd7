import type { Expectation, ExpectationType } from '@millrace/protocol'

/**
 * What some expectations look at beside the rows that they judge: the `moment` (the time of day, other datasets), or the
 * `previous` version. The verdict of all others is the rows' own.
 */
const outside: Partial<Record<ExpectationType, 'moment' | 'previous'>> = {
  expect_column_max_to_be_recent: 'moment',
  expect_table_row_count_to_equal_other_table: 'moment',
  expect_table_row_count_change_percent_to_be_between: 'previous',
  expect_table_columns_to_match_previous: 'previous',
  expect_column_distribution_change_to_be_less_than: 'previous',
}

/** Whether the same rows may be judged otherwise now: at another time, or as well after another version. */
export function mayJudgeOtherwise(
  expectations: readonly Expectation[],
  { isPreviousAnother }: { isPreviousAnother: boolean },
): boolean {
  return expectations.some(({ type }) => {
    const looksAt = outside[type]
    return looksAt === 'moment' || (looksAt === 'previous' && isPreviousAnother)
  })
}
