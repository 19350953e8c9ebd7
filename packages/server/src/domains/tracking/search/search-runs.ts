import type { Database } from '../../../ports/database.ts'
import {
  defaultSearchLimit,
  type OrderTerm,
  parseFilter,
  parseOrder,
  readPageToken,
  type SearchInput,
  type SearchPage,
  sortColumns,
  toPage,
} from '../../search/index.ts'
import type { RunDetail } from '../run.ts'
import type { TrackingTables } from '../tables.ts'
import { experimentNumbers } from './experiment-scope.ts'
import { countRuns, findRuns, type RunQuery, type SearchEffort, usualEffort } from './find-runs.ts'
import { type KeyProjection, loadRuns } from './load-runs.ts'
import { createRunTarget } from './run-target.ts'
import { runVocabulary } from './vocabulary.ts'

export interface SearchRunsInput extends SearchInput {
  /** Ids; those that do not exist are simply empty. Without it all experiments are searched. */
  experiments?: readonly string[]
  /** `active` by default. */
  view?: 'active' | 'deleted' | 'all'
  /** The keys of which values are wanted in the answer; all by default. */
  keys?: KeyProjection
}

/** A page of runs that are read while they are taken. */
export interface RunParts extends Omit<SearchPage<RunDetail>, 'items'> {
  parts: AsyncIterable<readonly RunDetail[]>
}

/** The order is completed by the newest start, then the id. */
export async function searchRuns(
  db: Database,
  input: SearchRunsInput,
  effort: SearchEffort = usualEffort,
): Promise<SearchPage<RunDetail>> {
  const { parts, ...page } = await searchRunsInParts(db, input, effort)
  const items: RunDetail[] = []
  for await (const part of parts) items.push(...part)
  return { items, ...page }
}

/** The same for a page of any size: only so many runs are in memory as one statement reads. */
export async function searchRunsInParts(
  db: Database,
  input: SearchRunsInput,
  effort: SearchEffort = usualEffort,
): Promise<RunParts> {
  const { filter: text = '', orderBy = [], dialect = 'native', limit = defaultSearchLimit } = input
  const { view = 'active', experiments, keys } = input
  const vocabulary = { vocabulary: runVocabulary, dialect }
  const filter = parseFilter(text, vocabulary)
  const query: RunQuery = {
    experiments: experiments && experimentNumbers(experiments),
    view,
    filter,
    order: complete(parseOrder(orderBy, vocabulary)),
  }
  const search = { runs: query.experiments ?? null, view, filter: filter ?? null, order: query.order }
  const target = createRunTarget(db.dialect)
  const { pageToken } = input
  const after =
    pageToken === undefined
      ? undefined
      : readPageToken(pageToken, search, sortColumns(query.order, target).columns.length)
  const reader = db.longReads<unknown>()
  const found = await findRuns(reader, query, target, { after, limit: limit + 1 }, effort)
  const page = toPage(found, { limit, search })
  const ids = page.found.map((each) => String(each.keys.at(-1)))
  return {
    parts: runParts(db, ids, keys),
    ...(page.nextPageToken === undefined ? {} : { nextPageToken: page.nextPageToken }),
    ...(input.count ? { total: await countRuns(reader, query, target) } : {}),
  }
}

const runsPerPart = 250

async function* runParts(db: Database, ids: readonly string[], keys: KeyProjection | undefined) {
  for (let i = 0; i < ids.length; i += runsPerPart) {
    yield await loadRuns(db.longReads<TrackingTables>(), ids.slice(i, i + runsPerPart), keys)
  }
}

function complete(order: readonly OrderTerm[]): OrderTerm[] {
  const has = (key: string) => order.some(({ field }) => field.kind === 'attribute' && field.key === key)
  const last = order.findIndex(({ field }) => field.kind === 'attribute' && field.key === 'run_id')
  // Nothing is left to be ordered behind the id.
  if (last >= 0) return order.slice(0, last + 1)
  const attribute = (key: string, descending: boolean): OrderTerm => ({
    field: { kind: 'attribute', key },
    descending,
  })
  return [...order, ...(has('start_time') ? [] : [attribute('start_time', true)]), attribute('run_id', false)]
}
