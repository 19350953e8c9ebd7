import { sql } from 'kysely'
import { parameter } from './compile-filter.ts'
import type { OrderTerm } from './filter.ts'
import type { SearchTarget, Sql } from './target.ts'

/** One column of an ORDER BY; never NULL, so that a place in the order can be named by values. */
export interface SortColumn {
  sql: Sql
  descending: boolean
}

export type SortKey = string | number

/** The ranks of numbers that are in no column of values, and of those that are missing: last in both directions. */
export const ranks = {
  ascending: ['-Infinity', '', 'Infinity', 'NaN'],
  descending: ['Infinity', '', '-Infinity', 'NaN'],
}

/** The columns that put things in the order of the terms, and the joins that they need. */
export function sortColumns(
  terms: readonly OrderTerm[],
  target: SearchTarget,
): { columns: SortColumn[]; joins: Sql[] } {
  const joins: Sql[] = []
  const columns = terms.flatMap(({ field, descending }, index): SortColumn[] => {
    if (field.kind === 'attribute') {
      const attribute = target.attributes[field.key]
      if (!attribute) throw new TypeError(`The attribute ${field.key} has no column`)
      const { column, nullable, type } = attribute
      return nullable ? nullsLast(column, type, descending) : [{ sql: column, descending }]
    }
    const { join, value, special } = target.sortValue(field, index)
    if (join) joins.push(join)
    if (!special) return nullsLast(value, 'text', descending)
    return [rankColumn(special, descending), { sql: sql`coalesce(${value}, 0)`, descending }]
  })
  return { columns, joins }
}

function rankColumn(special: Sql, descending: boolean): SortColumn {
  const order = descending ? ranks.descending : ranks.ascending
  const cases = order.map((name, rank) => sql`when ${sql.lit(name)} then ${sql.lit(rank)}`)
  return {
    sql: sql`case ${special} ${sql.join(cases, sql` `)} else ${sql.lit(order.length)} end`,
    descending: false,
  }
}

function nullsLast(column: Sql, type: 'text' | 'number', descending: boolean): SortColumn[] {
  const filler = type === 'text' ? sql`''` : sql`0`
  return [
    { sql: sql`case when ${column} is null then 1 else 0 end`, descending: false },
    { sql: sql`coalesce(${column}, ${filler})`, descending },
  ]
}

export function orderBy(columns: readonly SortColumn[]): Sql {
  return sql.join(
    columns.map(({ sql: column, descending }) => sql`${column} ${descending ? sql`desc` : sql`asc`}`),
  )
}

/** What comes after the place that has these values. */
export function isAfter(columns: readonly SortColumn[], place: readonly SortKey[]): Sql {
  const [column, ...rest] = columns
  const [key, ...keys] = place
  if (!column || key === undefined) return sql`1 = 0`
  const beyond = sql`${column.sql} ${column.descending ? sql`<` : sql`>`} ${parameter(key)}`
  if (rest.length === 0) return beyond
  const same = sql`${column.sql} = ${parameter(key)}`
  // The first comparison alone bounds the part of an index that is read.
  const bound = sql`${column.sql} ${column.descending ? sql`<=` : sql`>=`} ${parameter(key)}`
  return sql`(${bound} and (${beyond} or (${same} and ${isAfter(rest, keys)})))`
}
