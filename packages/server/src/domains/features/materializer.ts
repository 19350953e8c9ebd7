import type { Clock } from '../../kernel/clock.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { Database } from '../../ports/database.ts'
import type { LakeOptions } from '../../ports/lake.ts'
import type { DataService, DatasetVersionRef } from '../data/index.ts'
import { buildTiles, type MaterializeDeps, tileTables, writeAggregates, writeLast } from './materialize.ts'
import {
  type FeatureTables,
  findMaterialization,
  type Materialization,
  saveMaterialization,
} from './store.ts'
import { datasetsOf, type ViewPlan, viewRelation } from './view-plan.ts'

export interface MaterializerDeps extends MaterializeDeps {
  db: Database
  clock: Clock
  data: Pick<DataService, 'relation' | 'latestVersion'>
}

interface KnownTiles {
  plan: ViewPlan
  /** Version of the dataset. */
  dataset: string
  table: Promise<string>
}

/** Writes views to the online store as time goes on; keeps the tiles of each view between calls. */
export function createMaterializer(deps: MaterializerDeps) {
  const tables = () => deps.db.tables<FeatureTables>()
  /** Per view and its version: the tiles of the dataset version that was used last. */
  const tiles = new Map<string, Map<string, KnownTiles>>()
  /** Calls for one view run one after the other. */
  const queues = new Map<string, Promise<unknown>>()

  async function tilesOf(plan: ViewPlan, version: string, relation: string): Promise<string> {
    const known = tiles.get(plan.name) ?? new Map()
    tiles.set(plan.name, known)
    const cached = known.get(plan.version)
    if (cached?.dataset === version) return cached.table
    const table = buildTiles(deps.lake, { plan, relation, version })
    known.set(plan.version, { plan, dataset: version, table })
    table.catch(() => known.delete(plan.version))
    if (cached) await forget(cached)
    return table
  }

  /** Drops the tiles of versions of a view that nobody needs any more. */
  async function keepTiles(view: string, versions: readonly string[]): Promise<void> {
    const known = tiles.get(view)
    for (const [version, built] of known ?? []) {
      if (versions.includes(version)) continue
      known?.delete(version)
      await forget(built)
    }
  }

  async function forget({ plan, table: building }: KnownTiles): Promise<void> {
    const [name] = await Promise.allSettled([building])
    if (name.status === 'rejected') return
    for (const table of tileTables(plan, name.value)) {
      await deps.lake.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
    }
  }

  /** The version of each dataset, that of the view's own first. */
  async function datasetVersions(plan: ViewPlan, version?: string): Promise<DatasetVersionRef[]> {
    return Promise.all(
      datasetsOf(plan).map(async (dataset) => ({
        dataset,
        version:
          version !== undefined && dataset === plan.dataset
            ? version
            : (await deps.data.latestVersion(dataset)).version,
      })),
    )
  }

  async function materialize(
    plan: ViewPlan,
    input: { until: number; version?: string },
    options: LakeOptions,
  ): Promise<Materialization> {
    const datasets = await datasetVersions(plan, input.version)
    const [dataset, ...others] = datasets
    // Tiles and what is online are of one version of each dataset.
    const version = datasets.map((one) => one.version).join('_')
    const hopMs = plan.hopUs / 1000
    const asOf = Math.floor(input.until / hopMs) * hopMs
    // Without a newest-row feature nothing changes within a hop.
    const until = plan.last.length > 0 ? input.until : asOf
    const done = await findMaterialization(tables(), plan.name, plan.version)
    const same = done !== undefined && versionsOf(done) === version
    if (done && same && done.until >= until) return done
    const relations = new Map<string, string>()
    for (const ref of datasets) relations.set(ref.dataset, await deps.data.relation(ref))
    const relation = viewRelation(plan, (name) => relations.get(name) ?? '')
    let rows = 0
    if (plan.aggregates.length > 0) {
      rows = await writeAggregates(
        deps,
        { plan, tiles: await tilesOf(plan, version, relation), asOf },
        options,
      )
    }
    if (plan.last.length > 0) {
      const after = same ? done.until : null
      rows = Math.max(rows, await writeLast(deps, { plan, relation, after, until }, options))
    }
    const updatedAt = deps.clock.now()
    const result = {
      view: plan.name,
      viewVersion: plan.version,
      dataset,
      until,
      rows,
      updatedAt,
      ...(others.length > 0 && { joined: others }),
    }
    await saveMaterialization(tables(), result)
    return result
  }

  /** Every plan gets its turn; then the first that failed fails the call. */
  async function materializeAll(
    plans: readonly [ViewPlan, ...ViewPlan[]],
    input: { until: number; version?: string },
    options: LakeOptions,
  ): Promise<Materialization> {
    const [current, ...others] = plans
    const done = await materialize(current, input, options)
    const failures: unknown[] = []
    for (const plan of others) {
      // A version of the dataset is meant for the view as it is now; it says nothing about another dataset.
      const version = plan.dataset === current.dataset ? input.version : undefined
      await materialize(plan, { until: input.until, version }, options).catch((error: unknown) =>
        failures.push(error),
      )
    }
    await keepTiles(
      current.name,
      plans.map((plan) => plan.version),
    )
    if (failures.length > 0) throw failures[0]
    return done
  }

  /** Writes versions of one view; returns what was done for the first. */
  return (
    plans: readonly [ViewPlan, ...ViewPlan[]],
    input: { until: number; version?: string },
    options: LakeOptions = {},
  ): Promise<Materialization> => {
    const [{ name }] = plans
    const before = queues.get(name) ?? Promise.resolve()
    const run = before.then(() => materializeAll(plans, input, options))
    queues.set(
      name,
      run.catch(() => undefined),
    )
    return run
  }
}

function versionsOf({ dataset, joined = [] }: Materialization): string {
  return [dataset, ...joined].map(({ version }) => version).join('_')
}
