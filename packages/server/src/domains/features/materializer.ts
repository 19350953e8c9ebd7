import type { Clock } from '../../kernel/clock.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { Database } from '../../ports/database.ts'
import type { LakeOptions } from '../../ports/lake.ts'
import type { DataService } from '../data/index.ts'
import { buildTiles, type MaterializeDeps, writeAggregates, writeLast } from './materialize.ts'
import {
  type FeatureTables,
  findMaterialization,
  type Materialization,
  saveMaterialization,
} from './store.ts'
import type { ViewPlan } from './view-plan.ts'

export interface MaterializerDeps extends MaterializeDeps {
  db: Database
  clock: Clock
  data: Pick<DataService, 'relation' | 'latestVersion'>
}

/** Writes views to the online store as time goes on; keeps the tiles of each view between calls. */
export function createMaterializer(deps: MaterializerDeps) {
  const tables = () => deps.db.tables<FeatureTables>()
  /** Per view: the tiles of the dataset version that was used last. */
  const tiles = new Map<string, { key: string; table: Promise<string> }>()
  /** Calls for one view run one after the other. */
  const queues = new Map<string, Promise<unknown>>()

  async function tilesOf(plan: ViewPlan, version: string, relation: string): Promise<string> {
    const key = `${plan.version}/${version}`
    const cached = tiles.get(plan.name)
    if (cached?.key === key) return cached.table
    const table = buildTiles(deps.lake, { plan, relation, version })
    tiles.set(plan.name, { key, table })
    table.catch(() => tiles.delete(plan.name))
    if (cached) await forget(cached.table)
    return table
  }

  async function forget(building: Promise<string>): Promise<void> {
    const [name] = await Promise.allSettled([building])
    if (name.status === 'rejected') return
    for (const table of [name.value, `${name.value}_keys`]) {
      await deps.lake.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
    }
  }

  async function materialize(
    plan: ViewPlan,
    input: { until: number; version?: string },
    options: LakeOptions,
  ): Promise<Materialization> {
    const version = input.version ?? (await deps.data.latestVersion(plan.dataset)).version
    const hopMs = plan.hopUs / 1000
    const asOf = Math.floor(input.until / hopMs) * hopMs
    // Without a newest-row feature nothing changes within a hop.
    const until = plan.last.length > 0 ? input.until : asOf
    const done = await findMaterialization(tables(), plan.name, plan.version)
    const same = done?.dataset.version === version
    if (done && same && done.until >= until) return done
    const dataset = { dataset: plan.dataset, version }
    const relation = await deps.data.relation(dataset)
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
    const result = { view: plan.name, viewVersion: plan.version, dataset, until, rows, updatedAt }
    await saveMaterialization(tables(), result)
    return result
  }

  return (
    plan: ViewPlan,
    input: { until: number; version?: string },
    options: LakeOptions = {},
  ): Promise<Materialization> => {
    const before = queues.get(plan.name) ?? Promise.resolve()
    const run = before.then(() => materialize(plan, input, options))
    queues.set(
      plan.name,
      run.catch(() => undefined),
    )
    return run
  }
}
