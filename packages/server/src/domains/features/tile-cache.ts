import { quoteName } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { buildTiles, tileTables } from './materialize.ts'
import type { ViewPlan } from './view-plan.ts'

interface KnownTiles {
  plan: ViewPlan
  /** Versions of the datasets. */
  datasets: string
  table: Promise<string>
}

/** Keeps the tiles of each version of a view for the dataset versions that were used last. */
export function createTileCache(lake: Lake) {
  const tiles = new Map<string, Map<string, KnownTiles>>()

  async function forget({ plan, table: building }: KnownTiles): Promise<void> {
    const [name] = await Promise.allSettled([building])
    if (name.status === 'rejected') return
    for (const table of tileTables(plan, name.value)) {
      await lake.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
    }
  }

  return {
    /** The table of a view's tiles, built unless they are there. */
    async open(plan: ViewPlan, datasets: string, relation: string): Promise<string> {
      const known = tiles.get(plan.name) ?? new Map<string, KnownTiles>()
      tiles.set(plan.name, known)
      const cached = known.get(plan.version)
      if (cached?.datasets === datasets) return cached.table
      const table = buildTiles(lake, { plan, relation, version: datasets })
      known.set(plan.version, { plan, datasets, table })
      table.catch(() => known.delete(plan.version))
      if (cached) await forget(cached)
      return table
    },
    /** Drops the tiles of versions of a view that nobody needs any more. */
    async keep(view: string, versions: readonly string[]): Promise<void> {
      const known = tiles.get(view)
      for (const [version, built] of known ?? []) {
        if (versions.includes(version)) continue
        known?.delete(version)
        await forget(built)
      }
    },
  }
}
