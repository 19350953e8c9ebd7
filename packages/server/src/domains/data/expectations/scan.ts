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
  /**
   * An aggregate over the distinct values and their numbers of rows `n`: of one column those that are not null, as
   * `v`; of several the combinations in rows that meet `where`.
   */
  distinct(columns: readonly ColumnUse[], sql: string, where?: string): Ref
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
        aggregate: (sql, filter) => remember(aggregates, `${sql}${filterClause([condition, filter])}`),
        distinct(columns, sql, where) {
          const [first, ...others] = columns.map((column) => column.sql)
          const value = others.length === 0 ? `${first} AS v, ` : ''
          const present = others.length === 0 ? `${first} IS NOT NULL` : where
          const from = `(SELECT ${value}count(*) AS n FROM batch${clause('WHERE', [condition, present])} GROUP BY ${[first, ...others].join(', ')})`
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
