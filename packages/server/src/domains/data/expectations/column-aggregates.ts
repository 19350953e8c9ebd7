import type { ColumnType } from '@millrace/protocol'
import { isWithin } from './kwargs.ts'
import type { Compile } from './rule.ts'

const numbers = ['int64', 'float64'] as const
const ordered = [...numbers, 'timestamp', 'string'] as const

/** An aggregate whose value must lie within bounds; without a value it fails. */
const between =
  (types: readonly ColumnType[], aggregate: (column: string) => string): Compile =>
  (kwargs, scan) => {
    const column = kwargs.column(types)
    const bounds = kwargs.bounds(column.type)
    const value = scan.aggregate(aggregate(column.sql))
    return {
      judge(read) {
        const observed = read(value)
        return { success: isWithin(observed, bounds), result: { observed_value: observed } }
      },
    }
  }

const presentShare: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const bounds = kwargs.bounds()
  const present = scan.aggregate(`count(${column.sql})`)
  const rows = scan.aggregate('count(*)')
  return {
    judge(read) {
      const all = Number(read(rows))
      const observed = all === 0 ? null : Number(read(present)) / all
      return { success: isWithin(observed, bounds), result: { observed_value: observed } }
    },
  }
}

/**
 * Quantiles are values of the column: the smallest one that at least the share of all values does not exceed (SQL's
 * `percentile_disc`). They are exact, whether or not a relative error would be allowed. As in Great Expectations an
 * end of a range may be missed by 0.01 % of itself.
 */
const quantiles: Compile = (kwargs, scan) => {
  const column = kwargs.column([...numbers, 'timestamp'])
  kwargs.given('allow_relative_error')
  const given = kwargs.given('quantile_ranges') as { quantiles?: unknown; value_ranges?: unknown } | undefined
  const shares = given?.quantiles
  const ranges = given?.value_ranges
  const isEnd = (value: unknown) => value === null || Number.isFinite(value)
  if (
    !Array.isArray(shares) ||
    !Array.isArray(ranges) ||
    shares.length === 0 ||
    shares.length > 1000 ||
    shares.length !== ranges.length ||
    !shares.every((share) => share >= 0 && share <= 1) ||
    !ranges.every((range) => Array.isArray(range) && range.length === 2 && range.every(isEnd))
  ) {
    throw kwargs.refuse(
      'needs the kwarg "quantile_ranges": {quantiles: [shares], value_ranges: [[min or null, max or null], …]}',
    )
  }
  const values = scan.aggregate(`quantile_disc(${column.sql}, [${shares.join(', ')}])`)
  return {
    judge(read) {
      const observed = read(values) as number[] | null
      const details = (ranges as [number | null, number | null][]).map(([min, max], i) => {
        const value = observed?.[i]
        if (value === undefined || value === null) return false
        return (
          isNear(value, min) ||
          isNear(value, max) ||
          (value >= (min ?? -Infinity) && value <= (max ?? Infinity))
        )
      })
      return {
        success: details.every(Boolean),
        result: {
          observed_value: { quantiles: shares, values: observed },
          details: { success_details: details },
        },
      }
    },
  }
}

function isNear(value: number, end: number | null): boolean {
  return end !== null && Math.abs(value - end) <= 1e-4 * Math.abs(end)
}

export const columnAggregates = {
  expect_column_min_to_be_between: between(ordered, (column) => `min(${column})`),
  expect_column_max_to_be_between: between(ordered, (column) => `max(${column})`),
  expect_column_mean_to_be_between: between(numbers, (column) => `avg(${column})`),
  expect_column_median_to_be_between: between([...numbers, 'timestamp'], (column) => `median(${column})`),
  expect_column_stdev_to_be_between: between(numbers, (column) => `stddev_samp(${column})`),
  expect_column_sum_to_be_between: between(numbers, (column) => `sum(${column})`),
  expect_column_quantile_values_to_be_between: quantiles,
  expect_column_proportion_of_non_null_values_to_be_between: presentShare,
} satisfies Record<string, Compile>
