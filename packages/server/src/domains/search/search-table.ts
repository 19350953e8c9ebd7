import { type Kysely, sql } from 'kysely'
import { compileFilter } from './compile-filter.ts'
import type { Condition, Filter, OrderTerm } from './filter.ts'
import { countFound, find, toPage } from './find-page.ts'
import { parseOrder } from './order.ts'
import { readPageToken } from './page-token.ts'
import { conditionsOf, parseFilter } from './parse-filter.ts'
import { defaultSearchLimit, type SearchInput } from './search-page.ts'
import { type SortKey, sortColumns } from './sort.ts'
import type { SearchTarget, Sql } from './target.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A search of one table, its rows being what is searched. */
export interface TableSearch {
  input: SearchInput
  vocabulary: Vocabulary
  target: SearchTarget
  /** `from <table> as <alias>` */
  from: Sql
  /** Conditions besides the filter, which may depend on what the filter asks about. */
  where: readonly Sql[] | ((filter: readonly Condition[]) => readonly Sql[])
  /** What decides on the answer besides filter and order. */
  scope: Readonly<Record<string, unknown>>
  /** The attribute that names a thing. */
  key: string
  /** The order to the end, which must leave no two things equal. */
  complete(order: readonly OrderTerm[]): OrderTerm[]
  /** Changes the filter before it is used. */
  adapt?(filter: Filter | undefined): Filter | undefined
  /** Order terms that are given ready instead of as texts. */
  order?: readonly OrderTerm[]
}

export interface FoundPage {
  /** The names of the things. */
  found: SortKey[]
  nextPageToken?: string
  total?: number
}

/**
 * Finds one page of things.
 * @throws `search.invalid`, `search.page_token_invalid`
 */
export async function searchTable(db: Kysely<unknown>, search: TableSearch): Promise<FoundPage> {
  const { input, vocabulary, target, from, where, complete } = search
  const { filter: text = '', orderBy = [], dialect = 'native', limit = defaultSearchLimit, pageToken } = input
  const written = parseFilter(text, { vocabulary, dialect })
  const filter = search.adapt ? search.adapt(written) : written
  const order = complete(search.order ?? parseOrder(orderBy, { vocabulary, dialect }))
  const { columns, joins } = sortColumns(order, target)
  const place = columnOf(order, target, search.key)
  const keyOf = (keys: readonly SortKey[]) => keys[place] ?? ''
  const identity = { ...search.scope, filter: filter ?? null, order }
  const after = pageToken === undefined ? undefined : readPageToken(pageToken, identity, columns.length)
  const asked = filter ? conditionsOf(filter) : []
  const conditions = [
    sql`1 = 1`,
    ...(typeof where === 'function' ? where(asked) : where),
    ...(filter ? [compileFilter(filter, target)] : []),
  ]
  const query = { from: sql`${from} ${sql.join(joins, sql` `)}`, where: conditions, sort: columns }
  const page = toPage(await find(db, query, { after, limit: limit + 1 }), { limit, search: identity })
  return {
    found: page.found.map(({ keys }) => keyOf(keys)),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
    ...(input.count ? { total: await countFound(db, { from, where: conditions }) } : {}),
  }
}

/** Where among the sort columns an attribute is. */
function columnOf(order: readonly OrderTerm[], target: SearchTarget, key: string): number {
  const term = order.findIndex(({ field }) => field.kind === 'attribute' && field.key === key)
  return sortColumns(order.slice(0, term), target).columns.length
}

/** The terms, and those of `ends` whose attribute they do not name yet. */
export function completeOrder(
  order: readonly OrderTerm[],
  ends: readonly [key: string, descending: boolean][],
): OrderTerm[] {
  const named = new Set(order.flatMap(({ field }) => (field.kind === 'attribute' ? [field.key] : [])))
  return [
    ...order,
    ...ends
      .filter(([key]) => !named.has(key))
      .map(([key, descending]): OrderTerm => ({ field: { kind: 'attribute', key }, descending })),
  ]
}

/** Calls `load` with parts of the ids that fit into one statement. */
export async function loadInParts<Id, Item>(
  ids: readonly Id[],
  load: (part: readonly Id[]) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const items: Item[] = []
  for (let i = 0; i < ids.length; i += idsPerQuery) items.push(...(await load(ids.slice(i, i + idsPerQuery))))
  return items
}

const idsPerQuery = 1000
