import type { Clock } from '../../kernel/clock.ts'
import type { Database } from '../../ports/database.ts'
import type { DataService, DatasetVersionRef } from '../data/index.ts'
import {
  firstKnown,
  type MaterializeDeps,
  type WriteOptions,
  writeAggregates,
  writeLast,
} from './materialize.ts'
import { cutRange } from './materialize-intervals.ts'
import {
  findBackfill,
  findCleaning,
  type ProgressTables,
  removeBackfills,
  saveBackfill,
} from './progress-store.ts'
import {
  type FeatureTables,
  findMaterialization,
  type Materialization,
  saveMaterialization,
} from './store.ts'
import type { createTileCache } from './tile-cache.ts'
import { datasetsOf, type ViewPlan, viewRelation } from './view-plan.ts'

export interface ViewMaterializerDeps extends MaterializeDeps {
  db: Database
  clock: Clock
  data: Pick<DataService, 'relation' | 'latestVersion'>
}

/** Times are milliseconds. */
export interface MaterializeRange {
  until: number
  /** Writes the rows that became known from here on once more, whatever has been written; without: what is missing. */
  from?: number
  /** Newest rows are written interval by interval, and what is done of them is kept; without: at once. */
  everyMs?: number
  /** Of the view's own dataset. Default: the latest. */
  version?: string
}

/** What one call does for one version of a view. */
export interface ViewRun extends WriteOptions {
  /** Says which of how many intervals begins, 0 for the first. */
  onInterval?(place: number, count: number): void
}

/** Writes one version of a view to the online store; nobody else may do so at the same time. */
export async function materializeView(
  deps: ViewMaterializerDeps & { tiles: ReturnType<typeof createTileCache> },
  plan: ViewPlan,
  input: MaterializeRange,
  run: ViewRun = {},
): Promise<Materialization> {
  const tables = deps.db.tables<FeatureTables & ProgressTables>()
  const datasets = await datasetVersions(deps.data, plan, input.version)
  const [dataset, ...joined] = datasets
  // Tiles and what is online are of one version of each dataset.
  const versions = namesOf(datasets)
  const hopMs = plan.hopUs / 1000
  const asOf = Math.floor(input.until / hopMs) * hopMs
  // Without a newest-row feature nothing changes within a hop.
  const until = plan.last.length > 0 ? input.until : asOf
  const found = await findMaterialization(tables, plan.name, plan.version)
  const done = found && namesOf([found.dataset, ...(found.joined ?? [])]) === versions ? found : undefined
  if (input.from === undefined && done && done.until >= until) return done

  const relations = new Map<string, string>()
  for (const ref of datasets) relations.set(ref.dataset, await deps.data.relation(ref))
  const relation = viewRelation(plan, (name) => relations.get(name) ?? '')
  const result = (reached: number, rows: number): Materialization => ({
    view: plan.name,
    viewVersion: plan.version,
    dataset,
    until: reached,
    rows,
    updatedAt: deps.clock.now(),
    ...(joined.length > 0 && { joined }),
  })

  let keys = 0
  // First: what is noted of the newest rows then holds for the windows, too.
  if (plan.aggregates.length > 0) {
    const table = await deps.tiles.open(plan, versions, relation)
    keys = await writeAggregates(deps, { plan, tiles: table, asOf }, run)
  }
  if (input.from !== undefined) return await writeRange(input.from)
  let rows = 0
  await writeRows(done ? done.until : null, async (reached, written) => {
    rows += written
    await saveMaterialization(tables, result(reached, Math.max(keys, rows)))
  })
  return result(until, Math.max(keys, rows))

  /** Interval by interval; `after` null = from the start. */
  async function writeRows(
    after: number | null,
    save: (reached: number, written: number) => Promise<void>,
  ): Promise<void> {
    if (plan.last.length === 0) return save(until, 0)
    const floor = await findCleaning(tables, plan.name, plan.version)
    const { everyMs } = input
    const whole = { after, until }
    const intervals =
      everyMs === undefined
        ? [whole]
        : cutRange(plan.name, whole, { everyMs, first: await firstKnown(deps.lake, { plan, relation }) })
    for (const [place, interval] of intervals.entries()) {
      run.onInterval?.(place, intervals.length)
      const written = await writeLast(deps, { plan, relation, ...interval, floor }, run)
      await save(interval.until, written)
    }
  }

  async function writeRange(first: number): Promise<Materialization> {
    const start = { view: plan.name, view_version: plan.version, first }
    // Without an end given it is another one each time.
    const since = deps.clock.now() - resumableMs
    const left = await findBackfill(tables, start, { versions, until, since })
    let rows = left?.rows ?? 0
    await writeRows(left ? left.done_until : first - microsecond, async (reached, written) => {
      rows += written
      const changing = { done_until: reached, rows, updated_at: deps.clock.now() }
      await saveBackfill(tables, { ...start, until, dataset_versions: versions, ...changing })
    })
    const finished = result(until, Math.max(keys, rows))
    // What comes after a gap is not all that is known at its end.
    if (done && first <= done.until && until > done.until) await saveMaterialization(tables, finished)
    await removeBackfills(tables, start, until)
    return finished
  }
}

/** What was written of a range before may be lost with the store by now: whoever asks then wants all of it. */
const resumableMs = 86_400_000

/** In milliseconds; times are no finer. */
const microsecond = 0.001

/** The version of each dataset, that of the view's own first. */
async function datasetVersions(
  data: Pick<DataService, 'latestVersion'>,
  plan: ViewPlan,
  version: string | undefined,
): Promise<DatasetVersionRef[]> {
  return Promise.all(
    datasetsOf(plan).map(async (dataset) => ({
      dataset,
      version:
        version !== undefined && dataset === plan.dataset
          ? version
          : (await data.latestVersion(dataset)).version,
    })),
  )
}

function namesOf(datasets: readonly DatasetVersionRef[]): string {
  return datasets.map(({ version }) => version).join('_')
}
