import { quoteName } from '../../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../../ports/lake.ts'
import { type AddedRows, mergeOf } from './row-totals.ts'
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

/** The engine joins the parts of a statement one into the other, and needs the longer for it the more there are. */
const partsPerStatement = 50

/** Collects what all expectations ask, each thing once. */
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
    /**
     * What was asked of a relation, by {@link Ref}: one statement for all aggregates and the first columns whose
     * distinct values are counted; more of these are read in further ones. Of rows that were added to others only these
     * are read for what is known of the others and can be put together with it: `totals` is that for the next time.
     */
    async run(
      lake: Pick<Lake, 'rows'>,
      relation: string,
      { added, ...options }: LakeOptions & { added?: AddedRows } = {},
    ): Promise<{ found: Record<string, unknown>; totals: Map<string, unknown> }> {
      const isKnown = (sql: string) => added?.before.aggregates.has(sql) === true
      const list = (members: Iterable<[string, Ref]>) => [...members].map(([sql, ref]) => `${sql} AS ${ref}`)
      const counted = [...groups.values()].map(({ from, members }, i) => ({
        name: `d${i}`,
        sql: `d${i} AS MATERIALIZED (SELECT ${list(members).join(', ')} FROM ${from})`,
      }))
      const whole = list([...aggregates].filter(([sql]) => !isKnown(sql)))
      const all = `t AS (SELECT ${['count(*) AS all_rows', ...whole].join(', ')} FROM batch)`
      let parts = added && whole.length === 0 ? counted : [{ name: 't', sql: all }, ...counted]
      const found: Record<string, unknown> = {}
      while (parts.length > 0) {
        const some = parts.slice(0, partsPerStatement)
        parts = parts.slice(partsPerStatement)
        const [row] = await lake.rows<Record<string, unknown>>(
          `WITH ${[batchOf(relation), ...some.map(({ sql }) => sql)].join(', ')} SELECT * FROM ${some.map(({ name }) => name).join(', ')}`,
          options,
        )
        Object.assign(found, row)
      }
      const known = [...aggregates].filter(([sql]) => isKnown(sql))
      if (added && known.length > 0) {
        const [row] = await lake.rows<Record<string, unknown>>(
          `WITH ${batchOf(added.relation)} SELECT ${list(known).join(', ')} FROM batch`,
          options,
        )
        for (const [sql, ref] of known)
          found[ref] = mergeOf(sql)?.(added.before.aggregates.get(sql), row[ref])
      }
      const merged = [...aggregates].filter(([sql]) => mergeOf(sql))
      return { found, totals: new Map(merged.map(([sql, ref]) => [sql, found[ref]])) }
    },
  }
}

function batchOf(relation: string): string {
  return `batch AS NOT MATERIALIZED (SELECT * FROM ${relation})`
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
