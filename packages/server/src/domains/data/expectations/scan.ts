import { quoteName } from '../../../kernel/sql.ts'
import type { ColumnUse } from './rule.ts'

/** Names a value of the scan's one row of results. */
export type Ref = string & { readonly scan: true }

/** What one expectation may ask of the scan; all is over the rows that meet its row condition. */
export interface Scan {
  /** SQL of the row condition. */
  readonly condition?: string
  /** An aggregate such as `sum("a")`, with a further filter on demand. */
  aggregate(sql: string, filter?: string): Ref
  /** An aggregate over the distinct values `v` (not null) of columns and their numbers of rows `n`. */
  distinct(columns: readonly ColumnUse[], sql: string): Ref
  /** The judged rows as a sub-select, for what speaks of several rows at once. */
  rows(columns: readonly ColumnUse[], where?: string): string
}

/** Collects what all expectations ask, each thing once, as one statement. */
export function createScan() {
  const aggregates = new Map<string, Ref>()
  const groups = new Map<string, { from: string; members: Map<string, Ref> }>()
  let count = 0
  const next = () => `r${count++}` as Ref
  const remember = (known: Map<string, Ref>, sql: string): Ref => {
    const ref = known.get(sql) ?? next()
    known.set(sql, ref)
    return ref
  }

  return {
    /** The part of the scan for rows that meet a condition. */
    under(condition?: string): Scan {
      const rows = (columns: readonly ColumnUse[], where?: string) =>
        `(SELECT ${['file_row_number', ...new Set(columns.map(({ sql }) => sql))].join(', ')} FROM batch${clause('WHERE', [condition, where])})`
      return {
        condition,
        aggregate: (sql, filter) =>
          remember(aggregates, `${sql}${filterClause([condition, filter])}`),
        distinct(columns, sql) {
          const value = valueOf(columns)
          const present = presentIn(columns)
          const from = `(SELECT ${value} AS v, count(*) AS n FROM batch${clause('WHERE', [condition, present])} GROUP BY ALL)`
          const group = groups.get(from) ?? { from, members: new Map<string, Ref>() }
          groups.set(from, group)
          return remember(group.members, sql)
        },
        rows,
      }
    },
    /** The statement; it gives one row with a column for each {@link Ref}. */
    statement(relation: string): string {
      const lists = [...groups.values()].map(({ from, members }, i) => {
        const list = [...members].map(([sql, ref]) => `${sql} AS ${ref}`)
        return { name: `d${i}`, sql: `d${i} AS MATERIALIZED (SELECT ${list.join(', ')} FROM ${from})` }
      })
      const all = [...aggregates].map(([sql, ref]) => `${sql} AS ${ref}`)
      const single = `t AS (SELECT ${['count(*) AS all_rows', ...all].join(', ')} FROM batch)`
      const batch = `batch AS NOT MATERIALIZED (SELECT * FROM ${relation})`
      return `WITH ${[batch, ...lists.map(({ sql }) => sql), single].join(', ')}
        SELECT * FROM ${['t', ...lists.map(({ name }) => name)].join(', ')}`
    },
  }
}

/** One column, or several as a list of texts by which records are told apart. */
function valueOf(columns: readonly ColumnUse[]): string {
  return columns.length === 1 ? columns[0].sql : `row(${columns.map(({ sql }) => sql).join(', ')})`
}

function presentIn(columns: readonly ColumnUse[]): string {
  return columns.length === 1 ? `${columns[0].sql} IS NOT NULL` : 'true'
}

export function clause(word: string, conditions: readonly (string | undefined)[]): string {
  const given = conditions.filter((one) => one !== undefined).map((one) => `(${one})`)
  return given.length === 0 ? '' : ` ${word} ${given.join(' AND ')}`
}

export function filterClause(conditions: readonly (string | undefined)[]): string {
  const where = clause('WHERE', conditions)
  return where ? ` FILTER (${where.trim()})` : ''
}

export function columnUse(name: string, type: ColumnUse['type']): ColumnUse {
  return { name, type, sql: quoteName(name) }
}
