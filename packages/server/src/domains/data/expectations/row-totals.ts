import type { SampleRow } from './samples.ts'

/** What is known of rows so that further ones can be judged without reading them again; all by the SQL that asked it. */
export interface RowTotals {
  aggregates: ReadonlyMap<string, unknown>
  /** The first failing rows. */
  samples: ReadonlyMap<string, readonly SampleRow[]>
}

/** Rows that come after others. */
export interface AddedRows {
  /** They alone; `file_row_number` starts from 0. */
  relation: string
  /** The number of the others. */
  rowsBefore: number
  before: RowTotals
}

/** Puts the values of an aggregate over two sets of rows together. */
type Merge = (a: unknown, b: unknown) => unknown

const add: Merge = (a, b) => Number(a) + Number(b)
const chosen =
  (sign: -1 | 1): Merge =>
  (a, b) => {
    if (a === null || b === null) return a ?? b
    return sign * compare(a, b) >= 0 ? a : b
  }

/**
 * How the values of an aggregate are put together, exactly; undefined if they cannot be: sums and means of doubles,
 * quantiles, and all that looks at several rows at once.
 */
export function mergeOf(sql: string): Merge | undefined {
  if (!isRowWise(sql) || /^count\(\s*distinct/i.test(sql)) return undefined
  if (sql.startsWith('count(')) return add
  if (sql.startsWith('min(')) return chosen(-1)
  return sql.startsWith('max(') ? chosen(1) : undefined
}

/** Whether SQL looks at one row at a time, and not at its place. */
export function isRowWise(sql: string): boolean {
  return !/file_row_number|\bbatch\b/i.test(sql)
}

/** Texts in the order of their bytes, as the lake has it. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b)))
  return Number(a) - Number(b)
}
