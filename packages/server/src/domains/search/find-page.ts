import { type Kysely, sql } from 'kysely'
import { type SearchIdentity, writePageToken } from './page-token.ts'
import { isAfter, orderBy, type SortColumn, type SortKey } from './sort.ts'
import type { Sql } from './target.ts'

/** A SELECT of things, in its parts. */
export interface Query {
  /** `from …`, joins included. */
  from: Sql
  where: readonly Sql[]
  sort: readonly SortColumn[]
}

/** A thing that was found, by its place in the order; the last key names it. */
export interface Found {
  keys: SortKey[]
}

/** The first things in the order, or the first ones after a place. */
export async function find(
  db: Kysely<unknown>,
  { from, where, sort }: Query,
  { after, limit }: { after?: readonly SortKey[]; limit: number },
): Promise<Found[]> {
  const columns = sort.map((column, i) => sql`${column.sql} as ${sql.ref(`k${i}`)}`)
  const conditions = after ? [...where, isAfter(sort, after)] : where
  const { rows } = await sql<Record<string, SortKey>>`select ${sql.join(columns)} ${from}
    where ${sql.join([...conditions], sql` and `)}
    order by ${orderBy(sort)} limit ${sql.lit(limit)}`.execute(db)
  return rows.map((row) => ({ keys: sort.map((_, i) => row[`k${i}`] as SortKey) }))
}

export async function countFound(
  db: Kysely<unknown>,
  { from, where }: Pick<Query, 'from' | 'where'>,
): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*) as n ${from}
    where ${sql.join([...where], sql` and `)}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Cuts what was found, one more than the limit, to a page. */
export function toPage(
  found: readonly Found[],
  { limit, search }: { limit: number; search: SearchIdentity },
): { found: Found[]; nextPageToken?: string } {
  const last = found[limit - 1]
  if (found.length <= limit || !last) return { found: [...found] }
  return { found: found.slice(0, limit), nextPageToken: writePageToken(search, last.keys) }
}
