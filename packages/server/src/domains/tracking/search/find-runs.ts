import { type Kysely, sql } from 'kysely'
import {
  compileFilter,
  countFound,
  type Filter,
  type Found,
  find,
  type OrderTerm,
  type Query,
  type SearchTarget,
  type SortKey,
  type Sql,
  sortColumns,
} from '../../search/index.ts'
import { countRows, type Driver, driversOf, sizeDrivers, without } from './run-drivers.ts'
import { nearBound, walkMetric } from './walk-metric.ts'

export interface RunQuery {
  /** Of all experiments without it. */
  experiments: readonly number[] | undefined
  view: 'active' | 'deleted' | 'all'
  filter: Filter | undefined
  /** Whole: it ends with the run id. */
  order: readonly OrderTerm[]
}

export interface Place {
  after: readonly SortKey[] | undefined
  limit: number
}

/** What decides between the ways to find runs. */
export interface SearchEffort {
  /** So many runs are looked up and sorted without asking for a better way. */
  fewRuns: number
  /** So many entries of an index are walked before other ways are considered. */
  nearEntries: number
}

/** Each some 10 ms. */
export const usualEffort: SearchEffort = { fewRuns: 3000, nearEntries: 5000 }
/** With more runs than this an exact number changes no decision. */
const manyRuns = 200_000
/** Looking up a run by its id costs about this many times what the next entry of an index does. */
const lookupCost = 1.5
/** And about this many times what one more run of a list does. */
const listCost = 4

/**
 * Finds runs in order. With one experiment there are three ways: to list what fits the most selective condition and
 * sort it; to walk the index that has the order, which gives the first rows at once if many runs fit; or to leave it to
 * the database. What is rare is listed; otherwise a short walk is tried; if that does not find enough, the conditions
 * are counted and the cheaper way is taken.
 */
export async function findRuns(
  db: Kysely<unknown>,
  query: RunQuery,
  target: SearchTarget,
  place: Place,
  { fewRuns, nearEntries }: SearchEffort,
): Promise<Found[]> {
  const { columns, joins } = sortColumns(query.order, target)
  const where = conditions(query, target)
  const plain: Query = { from: sql`from runs as r ${sql.join(joins, sql` `)}`, where, sort: columns }
  const drive = (smallest: Driver, others: readonly Driver[] = []) =>
    find(db, { ...driven(query, target, smallest, others, joins), sort: columns }, place)
  const experiment = onlyExperiment(query)
  if (experiment === undefined) {
    const several = driversOf(query.filter, await indexedExperiments(db, query), target)
    const [rare] = await sizeDrivers(db, several, fewRuns)
    return rare && rare.size < fewRuns ? drive(rare) : find(db, plain, place)
  }

  const [first] = query.order
  const metric = first?.field.kind === 'metric' ? first.field.key : undefined
  const walk = { experiment, query, where, target }
  const inOrder = () => (metric === undefined ? find(db, plain, place) : walkMetric(db, walk, place))
  const drivers = driversOf(query.filter, [experiment], target)
  if (drivers.length === 0) return inOrder()

  const [rare] = await sizeDrivers(db, drivers, fewRuns)
  if (rare.size === 0) return []
  if (rare.size < fewRuns) return drive(rare)
  const indexed = metric !== undefined || first?.field.key === 'start_time'
  let seenShare = 1
  if (indexed) {
    const bound = await nearBound(db, walk, place, nearEntries)
    const near = bound && (await bound.walk())
    if (near && near.length >= place.limit) return near
    // Conditions that exclude each other are rarer together than their sizes say.
    if (near) seenShare = (near.length + 1) / nearEntries
  }
  const sized = await sizeDrivers(db, drivers, manyRuns)
  const [smallest, ...others] = sized
  if (!indexed) return drive(smallest, others)
  const all = await countRows(
    db,
    metric === undefined
      ? sql`select 1 from runs where experiment_id = ${experiment}`
      : sql`select 1 from run_latest_metrics where experiment_id = ${experiment} and key = ${metric}`,
    manyRuns,
  )
  const share = sized.reduce((product, { size }) => product * Math.min(1, size / Math.max(all, 1)), 1)
  const walked = Math.min(all, place.limit / Math.min(share, seenShare))
  return smallest.size <= walked * lookupCost ? drive(smallest, others) : inOrder()
}

/** How many runs fit. */
export async function countRuns(db: Kysely<unknown>, query: RunQuery, target: SearchTarget): Promise<number> {
  const drivers = driversOf(query.filter, await indexedExperiments(db, query), target)
  const [smallest, ...others] = await sizeDrivers(db, drivers, manyRuns)
  if (!smallest) return countFound(db, { from: sql`from runs as r`, where: conditions(query, target) })
  if (smallest.exact && !smallest.everywhere && smallest.size < manyRuns && query.view === 'active') {
    const rest = without(query.filter, smallest.exact)
    // The index knows nothing of deletion; few runs are deleted, and they are counted at once.
    if (!rest) return smallest.size - (await countFound(db, notActive(query, target)))
  }
  return countFound(db, driven(query, target, smallest, others))
}

/**
 * The runs that the smallest driver lists, as far as they fit. Others are listed, too: to list some runs and look up in
 * the list costs less than to look up as many runs one by one.
 */
function driven(
  query: RunQuery,
  target: SearchTarget,
  smallest: Driver,
  others: readonly Driver[],
  joins: readonly Sql[] = [],
): Pick<Query, 'from' | 'where'> {
  const looked = others.filter(({ size }) => size <= smallest.size * listCost)
  const filter = [smallest, ...looked].reduce((rest, { exact }) => without(rest, exact), query.filter)
  return {
    from: sql`from (${smallest.runs}) as d cross join runs as r ${sql.join([...joins], sql` `)}`,
    where: [
      ...looked.map(({ runs }) => sql`d.run_id in (${runs})`),
      sql`r.id = d.run_id`,
      ...conditions({ ...query, filter }, target),
    ],
  }
}

/** Runs that fit the filter but are not active. */
function notActive({ experiments, filter }: RunQuery, target: SearchTarget): Pick<Query, 'from' | 'where'> {
  return {
    from: sql`from runs as r`,
    where: [
      ...(experiments ? [sql`r.experiment_id in (${sql.join([...experiments])})`] : []),
      sql`r.lifecycle_stage <> 'active'`,
      ...(filter ? [compileFilter(filter, target)] : []),
    ],
  }
}

/** With more experiments than these an index of each is not read: a search of so many is of everything. */
const mostExperiments = 100

/** Those whose indexes are looked at; none if there are more. */
async function indexedExperiments(
  db: Kysely<unknown>,
  { experiments }: RunQuery,
): Promise<readonly number[]> {
  const all = sql<{ id: number }>`select id from experiments limit ${sql.lit(mostExperiments + 1)}`
  const ids = experiments ?? (await all.execute(db)).rows.map(({ id }) => id)
  return ids.length <= mostExperiments ? ids : []
}

function onlyExperiment({ experiments }: RunQuery): number | undefined {
  return experiments?.length === 1 ? experiments[0] : undefined
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
