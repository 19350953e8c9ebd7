import { type Kysely, sql } from 'kysely'
import {
  compileFilter,
  type Filter,
  type Found,
  find,
  type OrderTerm,
  type Query,
  ranks,
  type SearchTarget,
  type SortColumn,
  type SortKey,
  type Sql,
  sortColumns,
} from '../../search/index.ts'
import { countRows, type Driver, findDrivers } from './run-drivers.ts'

export interface RunQuery {
  /** Of all experiments without it. */
  experiments: readonly number[] | undefined
  view: 'active' | 'deleted' | 'all'
  filter: Filter | undefined
  /** Whole: it ends with the run id. */
  order: readonly OrderTerm[]
}

interface Place {
  after: readonly SortKey[] | undefined
  limit: number
}

/** Looking up a run by its id costs about this many times what the next entry of an index does. */
const lookupCost = 1.5

/**
 * Finds runs in order. With one experiment there are three ways, and the cheapest by the sizes of the conditions is
 * taken: to list what fits the most selective condition and sort it; to walk the index of the metric that leads the
 * order, which gives the first rows at once if many runs fit; or to leave it to the database.
 */
export async function findRuns(
  db: Kysely<unknown>,
  query: RunQuery,
  target: SearchTarget,
  place: Place,
): Promise<Found[]> {
  const { columns, joins } = sortColumns(query.order, target)
  const where = conditions(query, target)
  const plain: Query = { from: sql`from runs as r ${sql.join(joins, sql` `)}`, where, sort: columns }
  const [experiment, ...others] = query.experiments ?? []
  if (experiment === undefined || others.length > 0) return find(db, plain, place)

  const drivers = await findDrivers(db, { filter: query.filter, experiment, target })
  const smallest = smallestOf(drivers)
  if (smallest?.size === 0) return []
  const [first] = query.order
  const leading = first?.field.kind === 'metric' ? first : undefined
  const sorted = leading !== undefined || first?.field.key === 'start_time'
  if (smallest) {
    const all = await countRows(
      db,
      leading
        ? sql`select 1 from run_latest_metrics where experiment_id = ${experiment} and key = ${leading.field.key}`
        : sql`select 1 from runs where experiment_id = ${experiment}`,
    )
    const share = drivers.reduce((product, { size }) => product * Math.min(1, size / Math.max(all, 1)), 1)
    const walked = Math.min(all, place.limit / share)
    if (!sorted || smallest.size <= walked * lookupCost) {
      const driven = sql`from (${smallest.runs}) as d cross join runs as r ${sql.join(joins, sql` `)}`
      return find(db, { ...plain, from: driven, where: [sql`r.id = d.run_id`, ...where] }, place)
    }
  }
  return leading
    ? walk(db, { experiment, leading, query, columns, where, target }, place)
    : find(db, plain, place)
}

/** How many runs fit. */
export async function countRuns(db: Kysely<unknown>, query: RunQuery, target: SearchTarget): Promise<number> {
  const where = conditions(query, target)
  const [experiment, ...others] = query.experiments ?? []
  const drivers =
    experiment === undefined || others.length > 0
      ? []
      : await findDrivers(db, { filter: query.filter, experiment, target })
  const smallest = smallestOf(drivers)
  const from = smallest
    ? sql`from (${smallest.runs}) as d cross join runs as r where r.id = d.run_id and`
    : sql`from runs as r where`
  const { rows } = await sql<{ n: number }>`select count(*) as n ${from}
    ${sql.join(where, sql` and `)}`.execute(db)
  return rows[0]?.n ?? 0
}

function smallestOf(drivers: readonly Driver[]): Driver | undefined {
  return drivers.toSorted((a, b) => a.size - b.size)[0]
}

function conditions({ experiments, view, filter }: RunQuery, target: SearchTarget): Sql[] {
  const where: Sql[] = []
  if (experiments) {
    where.push(
      experiments.length === 0 ? sql`1 = 0` : sql`r.experiment_id in (${sql.join([...experiments])})`,
    )
  }
  where.push(
    view === 'all' ? sql`r.lifecycle_stage in ('active', 'deleted')` : sql`r.lifecycle_stage = ${view}`,
  )
  if (filter) where.push(compileFilter(filter, target))
  return where
}

interface Walk {
  experiment: number
  leading: OrderTerm
  query: RunQuery
  columns: readonly SortColumn[]
  where: readonly Sql[]
  target: SearchTarget
}

/**
 * Goes through the index by value of the metric that leads the order, one part for each kind of number, and then
 * through the runs that lack it. The first sort column is the kind, the second the value.
 */
async function walk(db: Kysely<unknown>, input: Walk, { after, limit }: Place): Promise<Found[]> {
  const { experiment, leading, query, where, target } = input
  const kinds = leading.descending ? ranks.descending : ranks.ascending
  const rest = query.order.slice(1)
  const { columns: restColumns, joins } = sortColumns(rest, target)
  const [startRank = 0, ...startPlace] = after ?? []
  const { key } = leading.field
  const value: SortColumn = { sql: sql.ref('w.value'), descending: leading.descending }
  const found: Found[] = []
  for (let rank = Number(startRank); rank <= kinds.length && found.length < limit; rank++) {
    const place = after && rank === startRank ? startPlace : undefined
    const kind = kinds[rank]
    const part: Query =
      kind === undefined
        ? {
            from: sql`from runs as r ${sql.join(joins, sql` `)}`,
            where: [
              ...where,
              sql`not exists (select 1 from run_latest_metrics as w where w.run_id = r.id and w.key = ${key})`,
            ],
            sort: restColumns,
          }
        : {
            from: sql`from run_latest_metrics as w cross join runs as r ${sql.join(joins, sql` `)}`,
            where: [
              sql`w.experiment_id = ${experiment} and w.key = ${key} and w.special = ${sql.lit(kind)}`,
              sql`r.id = w.run_id`,
              ...where,
            ],
            sort: [value, ...restColumns],
          }
    // Behind the runs that lack the metric there is nothing to compare its value with.
    const from = kind === undefined ? place?.slice(1) : place
    const rows = await find(db, part, { after: from, limit: limit - found.length })
    found.push(
      ...rows.map(({ keys }) => ({ keys: kind === undefined ? [rank, 0, ...keys] : [rank, ...keys] })),
    )
  }
  return found
}
