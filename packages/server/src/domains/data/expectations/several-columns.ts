import { findLiteral } from '../column-types.ts'
import { repeats } from './distinct-values.ts'
import type { Kwargs } from './kwargs.ts'
import type { ColumnUse, Compile, RowRule } from './rule.ts'

const numbers = ['int64', 'float64'] as const

/** The rows of a pair that are judged; `unexpected` must be decided (not null) for each of them. */
function pairRule(kwargs: Kwargs, [a, b]: [ColumnUse, ColumnUse], passes: string): RowRule {
  const ignore = kwargs.oneOf(
    'ignore_row_if',
    ['both_values_are_missing', 'either_value_is_missing', 'neither'],
    'both_values_are_missing',
  )
  const judged = {
    both_values_are_missing: `${a.sql} IS NOT NULL OR ${b.sql} IS NOT NULL`,
    either_value_is_missing: `${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL`,
    neither: undefined,
  }[ignore]
  return {
    shown: [a, b],
    shape: 'pair',
    ...judgedOnly(`(${passes}) IS NOT TRUE`, judged),
    countsMissing: true,
  }
}

/** What fails among the judged rows, and their number. */
function judgedOnly(
  unexpected: string,
  judged: string | undefined,
): Pick<RowRule, 'unexpected' | 'judgedCount'> {
  if (judged === undefined) return { unexpected }
  return {
    unexpected: `(${judged}) AND (${unexpected})`,
    judgedCount: `count(CASE WHEN ${judged} THEN 1 END)`,
  }
}

function pairOf(kwargs: Kwargs): [ColumnUse, ColumnUse] {
  const [a, b] = [kwargs.column(undefined, 'column_A'), kwargs.column(undefined, 'column_B')]
  const numeric = [a, b].every(({ type }) => type === 'int64' || type === 'float64')
  if (a.type !== b.type && !numeric)
    throw kwargs.refuse(`needs columns of one type; "${a.name}" is ${a.type} and "${b.name}" is ${b.type}`)
  return [a, b]
}

const pairEqual: Compile = (kwargs) => {
  const [a, b] = pairOf(kwargs)
  return pairRule(kwargs, [a, b], `${a.sql} = ${b.sql}`)
}

const pairGreater: Compile = (kwargs) => {
  const [a, b] = pairOf(kwargs)
  return pairRule(kwargs, [a, b], `${a.sql} ${kwargs.flag('or_equal', false) ? '>=' : '>'} ${b.sql}`)
}

const pairInSet: Compile = (kwargs) => {
  const pair: [ColumnUse, ColumnUse] = [
    kwargs.column(undefined, 'column_A'),
    kwargs.column(undefined, 'column_B'),
  ]
  const wanted = 'a list of pairs of their values'
  const pairs = kwargs.list('value_pairs_set', wanted).map((one) => {
    if (!Array.isArray(one) || one.length !== 2) throw kwargs.refuse(`needs ${wanted} as "value_pairs_set"`)
    const equal = pair.map(({ sql, type }, i) => {
      if (one[i] === null) return `${sql} IS NULL`
      const literal = findLiteral(one[i], type)
      if (literal === undefined)
        throw kwargs.refuse(`needs ${wanted} as "value_pairs_set", got ${JSON.stringify(one)}`)
      return `${sql} = ${literal}`
    })
    return `(${equal.join(' AND ')})`
  })
  return pairRule(kwargs, pair, pairs.join(' OR '))
}

interface RecordJudged {
  columns: ColumnUse[]
  judged?: string
}

function recordOf(kwargs: Kwargs, columns: ColumnUse[]): RecordJudged {
  const ignore = kwargs.oneOf(
    'ignore_row_if',
    ['all_values_are_missing', 'any_value_is_missing', 'never'],
    'all_values_are_missing',
  )
  const present = columns.map(({ sql }) => `${sql} IS NOT NULL`)
  const judged = {
    all_values_are_missing: present.join(' OR '),
    any_value_is_missing: present.join(' AND '),
    never: undefined,
  }[ignore]
  return { columns, ...(judged && { judged }) }
}

function recordRule(
  { columns, judged }: RecordJudged,
  unexpected: string,
  over: Partial<RowRule> = {},
): RowRule {
  return {
    shown: columns,
    shape: 'record',
    ...judgedOnly(unexpected, judged),
    countsMissing: true,
    ...over,
  }
}

/** Rows whose combination of values is in another row too; nulls are equal to each other. */
const compoundUnique: Compile = (kwargs, scan) => {
  const record = recordOf(kwargs, kwargs.columnList())
  const list = record.columns.map(({ sql }) => sql).join(', ')
  const counted = `(SELECT file_row_number AS place, count(*) OVER (PARTITION BY ${list}) AS n
    FROM ${scan.rows(record.columns, record.judged)})`
  return recordRule(record, `file_row_number IN (SELECT place FROM ${counted} WHERE n > 1)`, {
    count: repeats(scan, record.columns, record.judged),
  })
}

/** Nulls are equal to each other. */
const uniqueWithinRecord: Compile = (kwargs) => {
  const record = recordOf(kwargs, sameType(kwargs))
  const { columns } = record
  const equal = columns.flatMap(({ sql }, i) =>
    columns.slice(i + 1).map((other) => `${sql} IS NOT DISTINCT FROM ${other.sql}`),
  )
  return recordRule(record, equal.join(' OR '))
}

const valuesEqual: Compile = (kwargs) => {
  const record = recordOf(kwargs, sameType(kwargs))
  const [first, ...others] = record.columns
  return recordRule(record, others.map(({ sql }) => `${first.sql} IS DISTINCT FROM ${sql}`).join(' OR '))
}

function sameType(kwargs: Kwargs): ColumnUse[] {
  const columns = kwargs.columnList()
  const types = new Set(columns.map(({ type }) => (type === 'float64' ? 'int64' : type)))
  if (types.size > 1)
    throw kwargs.refuse(`needs columns of one type, got ${columns.map(({ type }) => type).join(', ')}`)
  return columns
}

const sumEquals: Compile = (kwargs) => {
  const record = recordOf(kwargs, kwargs.columnList(numbers))
  const sum = record.columns.map(({ sql }) => sql).join(' + ')
  return recordRule(record, `(${sum} = ${kwargs.number('sum_total')}) IS NOT TRUE`)
}

export const severalColumns = {
  expect_column_pair_values_to_be_equal: pairEqual,
  expect_column_pair_values_a_to_be_greater_than_b: pairGreater,
  expect_column_pair_values_to_be_in_set: pairInSet,
  expect_compound_columns_to_be_unique: compoundUnique,
  expect_select_column_values_to_be_unique_within_record: uniqueWithinRecord,
  expect_multicolumn_sum_to_equal: sumEquals,
  expect_multicolumn_values_to_be_equal: valuesEqual,
} satisfies Record<string, Compile>
