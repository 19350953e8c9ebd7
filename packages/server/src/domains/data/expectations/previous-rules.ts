import { jensenShannon, psi } from '@millrace/stats'
import { quoteText } from '../../../kernel/sql.ts'
import { timeLiteral } from '../column-types.ts'
import { isWithin } from './kwargs.ts'
import type { ColumnUse, Compile, Environment, Judgement } from './rule.ts'

/** Values of a column that is not ordered which are told apart; the others are one cell. */
const categories = 50

/** Nothing to compare with is no failure: the first version of a dataset must be able to pass. */
const first: Judgement = {
  success: true,
  result: { observed_value: null, details: { previous_version: null } },
}

const rowCountChange: Compile = (kwargs, scan) => {
  const [bounds, rows] = [kwargs.bounds(), scan.aggregate('count(*)')]
  if (scan.condition !== undefined) throw kwargs.refuse('takes no row_condition')
  return {
    async judge(read, { findPrevious }) {
      const previous = await findPrevious()
      if (!previous || previous.rows === 0) return first
      const now = Number(read(rows))
      const observed = (100 * (now - previous.rows)) / previous.rows
      return {
        success: isWithin(observed, bounds),
        result: {
          observed_value: observed,
          details: { rows: now, previous_rows: previous.rows, previous_version: previous.version },
        },
      }
    },
  }
}

const columnsMatchPrevious: Compile = (kwargs) => {
  const allowNew = kwargs.flag('allow_new', false)
  return {
    async judge(_read, { findPrevious }) {
      const previous = await findPrevious()
      if (!previous) return first
      const now = Object.entries(kwargs.columns)
      const before = Object.entries(previous.columns)
      const added = now.filter(([name]) => !(name in previous.columns)).map(([name]) => name)
      const removed = before.filter(([name]) => !(name in kwargs.columns)).map(([name]) => name)
      const retyped = before
        .filter(([name, type]) => name in kwargs.columns && kwargs.columns[name] !== type)
        .map(([name, type]) => ({ column: name, previous: type, now: kwargs.columns[name] }))
      return {
        success: removed.length + retyped.length === 0 && (allowNew || added.length === 0),
        result: {
          observed_value: now.map(([name]) => name),
          details: { added, removed, retyped, previous_version: previous.version },
        },
      }
    },
  }
}

const recent: Compile = (kwargs, scan) => {
  const column = kwargs.column(['timestamp'])
  const maxAge = kwargs.number('max_age_ms')
  if (maxAge < 0) throw kwargs.refuse('needs a max_age_ms that is not negative')
  const newest = scan.aggregate(`max(${column.sql})`)
  return {
    judge(read, { now }) {
      const observed = read(newest) as number | null
      const age = observed === null ? null : now - observed
      return {
        success: age !== null && age <= maxAge,
        result: { observed_value: observed, details: { age_ms: age } },
      }
    },
  }
}

const distributionChange: Compile = (kwargs) => {
  const column = kwargs.column()
  const threshold = kwargs.number('threshold')
  const method = kwargs.oneOf('method', ['psi', 'jensen_shannon'], 'psi')
  const bins = kwargs.given('bins') === undefined ? 10 : kwargs.number('bins')
  if (!Number.isInteger(bins) || bins < 2 || bins > 100)
    throw kwargs.refuse(`needs a whole number from 2 to 100 as "bins", got ${bins}`)
  return {
    async judge(_read, environment) {
      const { findPrevious, relation } = environment
      const previous = await findPrevious()
      if (previous?.columns[column.name] !== column.type) return first
      const { cells, labels } = await cellsOf(environment, previous.relation, column, bins)
      const count = (from: string) => countCells(environment, from, cells, labels.length)
      const [before, now] = [await count(previous.relation), await count(relation)]
      const isEmpty = [before, now].some((side) => side.every((rows) => rows === 0))
      const observed = isEmpty ? null : (method === 'psi' ? psi : jensenShannon)(before, now)
      return {
        success: observed !== null && observed < threshold,
        result: {
          observed_value: observed,
          details: {
            method,
            cells: labels.map((label, i) => ({ cell: label, previous: before[i], now: now[i] })),
            previous_version: previous.version,
          },
        },
      }
    },
  }
}

/** SQL of the number of a value's cell, chosen on the version before; the last cell is the missing values'. */
async function cellsOf(
  { lake, signal }: Environment,
  relation: string,
  { sql, type }: ColumnUse,
  bins: number,
): Promise<{ cells: string; labels: string[] }> {
  if (type === 'string' || type === 'boolean') {
    const top = await lake.rows<{ value: string | boolean }>(
      `SELECT ${sql} AS value, count(*) AS n FROM ${relation} WHERE ${sql} IS NOT NULL
       GROUP BY value ORDER BY n DESC, value LIMIT ${categories}`,
      { signal },
    )
    const values = top.map(({ value }) => String(value))
    const cases = values.map((value, i) => `WHEN ${quoteText(value)} THEN ${i}`)
    const other = `ELSE ${values.length}`
    const found = cases.length === 0 ? '0' : `CASE CAST(${sql} AS VARCHAR) ${cases.join(' ')} ${other} END`
    return {
      cells: `CASE WHEN ${sql} IS NULL THEN ${values.length + 1} ELSE ${found} END`,
      labels: [...values, 'other', 'missing'],
    }
  }
  const shares = Array.from({ length: bins - 1 }, (_, i) => (i + 1) / bins)
  const [{ edges }] = await lake.rows<{ edges: number[] | null }>(
    `SELECT quantile_disc(${sql}, [${shares.join(', ')}]) AS edges FROM ${relation}`,
    { signal },
  )
  const ends = [...new Set(edges ?? [])]
  const literal = (value: number) => (type === 'timestamp' ? timeLiteral(value) : `'${value}'::DOUBLE`)
  const above = ends.map((end) => `(${sql} > ${literal(end)})::INTEGER`)
  const text = (value: number) => (type === 'timestamp' ? new Date(value).toISOString() : String(value))
  return {
    cells: `CASE WHEN ${sql} IS NULL THEN ${ends.length + 1} ELSE ${above.join(' + ') || '0'} END`,
    labels: [
      ...ends.map((end, i) => (i === 0 ? `≤ ${text(end)}` : `${text(ends[i - 1])} – ${text(end)}`)),
      ends.length === 0 ? 'any' : `> ${text(ends[ends.length - 1])}`,
      'missing',
    ],
  }
}

async function countCells(
  { lake, signal }: Environment,
  relation: string,
  cells: string,
  size: number,
): Promise<number[]> {
  const counts = new Array<number>(size).fill(0)
  const rows = await lake.rows<{ cell: number; n: number }>(
    `SELECT ${cells} AS cell, count(*) AS n FROM ${relation} GROUP BY cell`,
    { signal },
  )
  for (const { cell, n } of rows) counts[cell] = n
  return counts
}

export const previousRules = {
  expect_table_row_count_change_percent_to_be_between: rowCountChange,
  expect_table_columns_to_match_previous: columnsMatchPrevious,
  expect_column_max_to_be_recent: recent,
  expect_column_distribution_change_to_be_less_than: distributionChange,
} satisfies Record<string, Compile>
