import { valueRule } from './column-rows.ts'
import { isWithin } from './kwargs.ts'
import type { ColumnUse, Compile, RowRule } from './rule.ts'
import type { Scan } from './scan.ts'

/** Distinct values that a result lists; their number is exact. */
const listed = 1000
/** Distinct values that are wrong, or that are not there: the first ones. */
const shown = 20

/** Rows whose value is in another row too. */
const toBeUnique: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const repeated = `(SELECT ${column.sql} FROM ${scan.rows([column])} WHERE ${column.sql} IS NOT NULL
    GROUP BY ${column.sql} HAVING count(*) > 1)`
  return valueRule(column, `${column.sql} IN ${repeated}`, { count: repeats(scan, [column]) })
}

/** The number of rows whose value, or combination of values, is in another row too. */
export function repeats(scan: Scan, columns: readonly ColumnUse[], where?: string): RowRule['count'] {
  const count = scan.distinct(columns, 'coalesce(sum(n) FILTER (n > 1), 0)', where)
  return (read) => Number(read(count))
}

const uniqueCount: Compile = (kwargs, scan) => {
  const distinct = scan.distinct([kwargs.column()], 'count(*)')
  const bounds = kwargs.bounds()
  return {
    judge(read) {
      const observed = Number(read(distinct))
      return { success: isWithin(observed, bounds), result: { observed_value: observed } }
    },
  }
}

/** Distinct values per value that is not null. */
const uniqueShare: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const distinct = scan.distinct([column], 'count(*)')
  const present = scan.aggregate(`count(${column.sql})`)
  const bounds = kwargs.bounds()
  return {
    judge(read) {
      const rows = Number(read(present))
      const observed = rows === 0 ? 0 : Number(read(distinct)) / rows
      return { success: isWithin(observed, bounds), result: { observed_value: observed } }
    },
  }
}

const mostCommon: Compile = (kwargs, scan) => {
  const column = kwargs.column()
  const set = kwargs.literals('value_set', column.type).join(', ')
  const tiesOkay = kwargs.flag('ties_okay', false)
  const most = scan.distinct([column], 'max(n)')
  const mostInSet = scan.distinct([column], `max(n) FILTER (v IN (${set}))`)
  const top = scan.distinct([column], `arg_max({v: v, n: n}, n, ${listed})`)
  return {
    judge(read) {
      const highest = read(most)
      const modes = ((read(top) ?? []) as { v: unknown; n: number }[])
        .filter(({ n }) => n === highest)
        .map(({ v }) => v)
        .sort(compare)
      const found = highest !== null && read(mostInSet) === highest
      return { success: found && (tiesOkay || modes.length === 1), result: { observed_value: modes } }
    },
  }
}

/** The distinct values against a set: `extra` ones may be there, values of the set may be `missing`. */
const distinctAgainstSet =
  (allowed: { extra: boolean; missing: boolean }): Compile =>
  (kwargs, scan) => {
    const column = kwargs.column()
    const literals = [...new Set(kwargs.literals('value_set', column.type))]
    const set = literals.join(', ')
    const ask = (sql: string) => scan.distinct([column], sql)
    const distinct = ask('count(*)')
    const inSet = ask(`count(*) FILTER (v IN (${set}))`)
    const list = ask(`arg_min({v: v, n: n}, v, ${listed})`)
    const extra = ask(`arg_min(v, v, ${shown}) FILTER (v NOT IN (${set}))`)
    const found = `coalesce(list(v) FILTER (v IN (${set})), [])`
    const missing = ask(`list_sort(list_filter([${set}], x -> NOT list_contains(${found}, x)))[1:${shown}]`)
    return {
      judge(read) {
        const [all, known] = [Number(read(distinct)), Number(read(inSet))]
        const values = (read(list) ?? []) as { v: unknown; n: number }[]
        return {
          success: (allowed.extra || all === known) && (allowed.missing || known === literals.length),
          result: {
            observed_value: values.map(({ v }) => v),
            ...(!allowed.extra && {
              unexpected_count: all - known,
              partial_unexpected_list: (read(extra) ?? []) as unknown[],
            }),
            ...(!allowed.missing && {
              missing_count: literals.length - known,
              partial_missing_list: (read(missing) ?? []) as unknown[],
            }),
            details: {
              value_counts: values.map(({ v, n }) => ({ value: v, count: n })),
              ...(all > listed && { distinct_values: all }),
            },
          },
        }
      },
    }
  }

function compare(a: unknown, b: unknown): number {
  return (a as number) < (b as number) ? -1 : 1
}

export const distinctValues = {
  expect_column_values_to_be_unique: toBeUnique,
  expect_column_unique_value_count_to_be_between: uniqueCount,
  expect_column_proportion_of_unique_values_to_be_between: uniqueShare,
  expect_column_most_common_value_to_be_in_set: mostCommon,
  expect_column_distinct_values_to_be_in_set: distinctAgainstSet({ extra: false, missing: true }),
  expect_column_distinct_values_to_contain_set: distinctAgainstSet({ extra: true, missing: false }),
  expect_column_distinct_values_to_equal_set: distinctAgainstSet({ extra: false, missing: false }),
} satisfies Record<string, Compile>
