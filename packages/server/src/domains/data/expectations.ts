import {
  type DatasetDefinition,
  type Expectation,
  fail,
  isPlatformError,
  type Schema,
} from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { findLiteral } from './column-types.ts'
import { type ExpectationResult, summarise, type ValidationResult } from './validation.ts'

const samples = 20

type Aggregates = Record<string, number | null | unknown[]>

/** One expectation compiled to aggregates (their names end in its index) and the reading of what they gave. */
interface Compiled {
  aggregates: string[]
  toResult(row: Aggregates): Pick<ExpectationResult, 'success' | 'result'>
}

/**
 * Evaluates all expectations in one statement over a relation that has the column `file_row_number`. Nulls are no
 * unexpected values, except for `not_be_null`; a rule passes when the share of non-null values that keep it is at least
 * `mostly`.
 * @throws `definition.invalid` for an expectation whose kwargs make no sense for its column
 */
export async function validate(
  lake: Lake,
  input: {
    dataset: DatasetDefinition
    expectations: readonly Expectation[]
    columns: Schema
    relation: string
  },
  options: LakeOptions = {},
): Promise<ValidationResult> {
  const { relation } = input
  const compiled = input.expectations.map((expectation, i) => {
    const refuse = (reason: string) =>
      fail('definition.invalid', {
        kind: 'dataset',
        name: input.dataset.name,
        reason: `the expectation ${expectation.type}${expectation.column ? ` of column "${expectation.column}"` : ''} ${reason}`,
      })
    return compile(expectation, { i, relation, columns: input.columns, refuse })
  })
  const aggregates = ['count(*) AS rows', ...compiled.flatMap((one) => one.aggregates)]
  const [row] = await lake.rows<Aggregates>(`SELECT ${aggregates.join(', ')} FROM ${relation}`, options)
  return summarise(
    compiled.map((one, i) => {
      const { type, column, kwargs, mostly, severity } = input.expectations[i]
      return {
        ...one.toResult(row),
        expectation_config: {
          type,
          kwargs: { ...(column ? { column } : {}), ...kwargs, ...(mostly === undefined ? {} : { mostly }) },
          meta: { severity },
        },
        meta: {},
        exception_info: { raised_exception: false, exception_traceback: null, exception_message: null },
      }
    }),
  )
}

/** Checks regular expressions with the engine that will run them. */
export async function checkRegex(lake: Lake, regex: string): Promise<string | undefined> {
  try {
    await lake.rows(`SELECT regexp_matches('', ${quoteText(regex)})`)
    return undefined
  } catch (error) {
    if (!isPlatformError(error)) throw error
    return String(error.details.reason)
  }
}

interface CompileContext {
  i: number
  relation: string
  columns: Schema
  refuse(reason: string): Error
}

function compile(expectation: Expectation, context: CompileContext): Compiled {
  const { kwargs } = expectation
  if (expectation.type === 'expect_table_row_count_to_be_between') {
    const { min, max } = bounds(kwargs, (value) => (typeof value === 'number' ? value : undefined), context)
    return {
      aggregates: [],
      toResult: ({ rows }) => ({
        success: (min === undefined || Number(rows) >= min) && (max === undefined || Number(rows) <= max),
        result: { observed_value: rows },
      }),
    }
  }
  const name = expectation.column
  const type = name === undefined ? undefined : context.columns[name]
  if (name === undefined || type === undefined) {
    throw context.refuse(`needs one of the columns ${Object.keys(context.columns).join(', ')}`)
  }
  const column = quoteName(name)
  switch (expectation.type) {
    case 'expect_column_to_exist':
      return { aggregates: [], toResult: () => ({ success: true, result: { observed_value: true } }) }
    case 'expect_column_values_to_not_be_null':
      return columnMap(expectation, column, `${column} IS NULL`, context)
    case 'expect_column_values_to_be_between': {
      const { min, max } = bounds(kwargs, (value) => findLiteral(value, type), context)
      const below =
        min === undefined ? 'false' : `${column} ${kwargs.strict_min === true ? '<=' : '<'} ${min}`
      const above =
        max === undefined ? 'false' : `${column} ${kwargs.strict_max === true ? '>=' : '>'} ${max}`
      return columnMap(expectation, column, `(${below} OR ${above})`, context)
    }
    case 'expect_column_values_to_match_regex': {
      if (type !== 'string' || typeof kwargs.regex !== 'string') {
        throw context.refuse('needs a string column and the kwarg "regex"')
      }
      return columnMap(
        expectation,
        column,
        `NOT regexp_matches(${column}, ${quoteText(kwargs.regex)})`,
        context,
      )
    }
    case 'expect_column_values_to_be_in_set': {
      const set = Array.isArray(kwargs.value_set) ? kwargs.value_set : []
      const literals = set.map((value) => findLiteral(value, type))
      if (set.length === 0 || literals.includes(undefined)) {
        throw context.refuse(`needs the kwarg "value_set", a list of ${type} values`)
      }
      return columnMap(expectation, column, `${column} NOT IN (${literals.join(', ')})`, context)
    }
    case 'expect_column_values_to_be_unique': {
      // A second read of this one column, inside the same statement: uniqueness is no property of a single row.
      const repeated = `${column} IN (SELECT ${column} FROM ${context.relation} WHERE ${column} IS NOT NULL
        GROUP BY ${column} HAVING count(*) > 1)`
      return columnMap(expectation, column, repeated, context)
    }
  }
}

function bounds<Bound>(
  kwargs: Record<string, unknown>,
  parse: (value: unknown) => Bound | undefined,
  context: CompileContext,
): { min: Bound | undefined; max: Bound | undefined } {
  const read = (field: string) => {
    const value = kwargs[field]
    if (value === undefined || value === null) return undefined
    const bound = parse(value)
    if (bound === undefined) throw context.refuse(`has the bad ${field} ${JSON.stringify(value)}`)
    return bound
  }
  const [min, max] = [read('min_value'), read('max_value')]
  if (min === undefined && max === undefined) throw context.refuse('needs min_value or max_value')
  return { min, max }
}

function columnMap(
  { type, mostly = 1 }: Expectation,
  column: string,
  unexpected: string,
  { i }: CompileContext,
): Compiled {
  const nullsCount = type === 'expect_column_values_to_not_be_null'
  return {
    aggregates: [
      `count(${column}) AS present${i}`,
      `count(*) FILTER (${unexpected}) AS unexpected${i}`,
      `arg_min(${column}, file_row_number, ${samples}) FILTER (${unexpected}) AS values${i}`,
      `arg_min(file_row_number, file_row_number, ${samples}) FILTER (${unexpected}) AS places${i}`,
    ],
    toResult(row) {
      const rows = Number(row.rows)
      const missing = rows - Number(row[`present${i}`])
      const count = Number(row[`unexpected${i}`])
      const judged = nullsCount ? rows : rows - missing
      const places = (row[`places${i}`] ?? []) as number[]
      return {
        success: judged === 0 || (judged - count) / judged >= mostly,
        result: {
          element_count: rows,
          unexpected_count: count,
          unexpected_percent: percent(count, judged),
          unexpected_percent_total: percent(count, rows),
          unexpected_percent_nonmissing: percent(count, judged),
          ...(nullsCount ? {} : { missing_count: missing, missing_percent: percent(missing, rows) }),
          partial_unexpected_list: nullsCount
            ? places.map(() => null)
            : ((row[`values${i}`] ?? []) as unknown[]),
          partial_unexpected_index_list: places,
        },
      }
    },
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole
}
