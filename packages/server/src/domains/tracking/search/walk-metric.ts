import { type Kysely, sql } from 'kysely'
import {
  type Found,
  find,
  parameter,
  type Query,
  ranks,
  type SearchTarget,
  type SortColumn,
  type Sql,
  sortColumns,
} from '../../search/index.ts'
import type { Place, RunQuery } from './find-runs.ts'

export interface Walk {
  experiment: number
  query: RunQuery
  where: readonly Sql[]
  target: SearchTarget
}

const finite = ''

/**
 * Goes through the index by value of the metric that leads the order, one part for each kind of number, and then
 * through the runs that lack it. The first sort column is the kind, the second the value.
 * @param bound a condition on `w.value` with which the walk ends behind the finite values
 */
export async function walkMetric(
  db: Kysely<unknown>,
  { experiment, query, where, target }: Walk,
  { after, limit }: Place,
  bound?: Sql,
): Promise<Found[]> {
  const { field, descending } = query.order[0]
  const kinds = descending ? ranks.descending : ranks.ascending
  const { columns: rest, joins } = sortColumns(query.order.slice(1), target)
  const [startRank = 0, ...startPlace] = after ?? []
  const value: SortColumn = { sql: sql.ref('w.value'), descending }
  const lastRank = bound ? kinds.indexOf(finite) : kinds.length
  const found: Found[] = []
  for (let rank = Number(startRank); rank <= lastRank && found.length < limit; rank++) {
    const place = after && rank === startRank ? startPlace : undefined
    const left = limit - found.length
    const kind = kinds[rank]
    if (kind === undefined) {
      const lacking: Query = {
        from: sql`from runs as r ${sql.join(joins, sql` `)}`,
        where: [
          ...where,
          sql`not exists (select 1 from run_latest_metrics as w where w.run_id = r.id and w.key = ${field.key})`,
        ],
        sort: rest,
      }
      // Of the place only what comes behind the value, which these runs do not have.
      const rows = await find(db, lacking, { after: place?.slice(1), limit: left })
      found.push(...rows.map(({ keys }) => ({ keys: [rank, 0, ...keys] })))
      continue
    }
    const part: Query = {
      from: sql`from run_latest_metrics as w cross join runs as r ${sql.join(joins, sql` `)}`,
      where: [
        sql`w.experiment_id = ${experiment} and w.key = ${field.key} and w.special = ${sql.lit(kind)}`,
        ...(bound && kind === finite ? [bound] : []),
        sql`r.id = w.run_id`,
        ...where,
      ],
      sort: [value, ...rest],
    }
    const rows = await find(db, part, { after: place, limit: left })
    found.push(...rows.map(({ keys }) => ({ keys: [rank, ...keys] })))
  }
  return found
}

/**
 * The part of the order that begins at the place and is so many entries long, if the rest is longer. Its end is a value
 * of the leading column, left out with all entries that share it, of which there may be any number.
 */
export async function nearBound(
  db: Kysely<unknown>,
  walk: Walk,
  place: Place,
  nearEntries: number,
): Promise<{ walk(): Promise<Found[]> } | undefined> {
  const { experiment, query, where, target } = walk
  const { field, descending } = query.order[0]
  const isMetric = field.kind === 'metric'
  const column = isMetric ? sql.ref('w.value') : sql.ref('r.started_at')
  const entries = isMetric
    ? sql`from run_latest_metrics as w where w.experiment_id = ${experiment} and w.key = ${field.key} and w.special = ''`
    : sql`from runs as r where r.experiment_id = ${experiment} and r.lifecycle_stage = ${query.view}`
  if (!isMetric && query.view === 'all') return undefined
  // The first key of a metric's place is the kind of number.
  const [rank, value] = isMetric ? (place.after ?? []) : [0, place.after?.[0]]
  const kinds = descending ? ranks.descending : ranks.ascending
  if (isMetric && rank !== undefined && Number(rank) > kinds.indexOf(finite)) return undefined
  const inFinite = value !== undefined && (!isMetric || kinds[Number(rank)] === finite)
  const start = inFinite ? sql`and ${column} ${descending ? sql`<=` : sql`>=`} ${parameter(value)}` : sql``
  const direction = descending ? sql`desc` : sql`asc`
  const { rows } = await sql<{ value: number }>`select ${column} as value ${entries} ${start}
    order by ${column} ${direction} limit 1 offset ${sql.lit(nearEntries)}`.execute(db)
  const [end] = rows
  if (!end) return undefined
  const bound = sql`${column} ${descending ? sql`>` : sql`<`} ${parameter(end.value)}`
  return {
    walk() {
      if (isMetric) return walkMetric(db, walk, place, bound)
      const { columns, joins } = sortColumns(query.order, target)
      const from = sql`from runs as r ${sql.join(joins, sql` `)}`
      return find(db, { from, where: [bound, ...where], sort: columns }, place)
    },
  }
}
