import type { Kysely } from 'kysely'
import type { Database } from '../../ports/database.ts'
import type { OnlineStore } from '../../ports/online-store.ts'
import type { DefinitionService } from '../definitions/index.ts'
import { onlineTables } from './online-key.ts'
import { forgetMaterializations, type ProgressTables } from './progress-store.ts'
import { type FeatureTables, findMaterialization } from './store.ts'

export interface UnusedTablesInput {
  /** Versions that something else may read, such as revisions of endpoints. */
  keep: readonly { view: string; version: string }[]
  /** Only those that are not used since this time, milliseconds. */
  before: number
  /** Counts and removes nothing. */
  dryRun?: boolean
}

/** Tables of the online store, and the keys in them. */
export interface UnusedTables {
  tables: number
  keys: number
}

interface Deps {
  db: Database
  online: OnlineStore
  definitions: Pick<DefinitionService, 'listStored' | 'listVersions'>
  /** Versions of a view that open readers are pinned to. */
  pinnedVersions(view: string): string[]
  /** Runs work on a view's tables while nothing else writes them. */
  inTurn<Result>(view: string, work: () => Promise<Result>): Promise<Result>
}

/**
 * Drops the online tables of versions of views that are neither current, nor pinned by an open reader, nor to be kept.
 * Should such a version be used again, it is written anew: what was noted of it goes first.
 */
export async function removeUnusedTables(
  deps: Deps,
  { keep, before, dryRun = false }: UnusedTablesInput,
): Promise<UnusedTables> {
  const removed = { tables: 0, keys: 0 }
  const kept = new Map<string, Set<string>>()
  const keepTables = (view: string, version: string) => {
    const names = kept.get(view) ?? new Set()
    kept.set(view, names.add(onlineTables({ name: view, version }).last))
  }
  for (const { view, version } of keep) keepTables(view, version)
  for (const { name, version, firstAppliedAt } of await deps.definitions.listVersions('feature-view')) {
    const table = onlineTables({ name, version }).last
    if (kept.get(name)?.has(table) || firstAppliedAt >= before) continue
    if (!(await hasKeys(deps.online, { name, version }))) continue
    const counted = await deps.inTurn(name, async () => {
      if (await isUsed(deps, { name, version, before })) return undefined
      return dropTables(deps, { name, version, dryRun })
    })
    removed.tables += counted?.tables ?? 0
    removed.keys += counted?.keys ?? 0
  }
  return removed
}

/** Asked for anew at each table, for meanwhile a version can come back. Tables go by a part of the version's name. */
async function isUsed(
  deps: Deps,
  { name, version, before }: { name: string; version: string; before: number },
): Promise<boolean> {
  const stored = await deps.definitions.listStored()
  const current = stored.find(
    ({ definition }) => definition.kind === 'feature-view' && definition.name === name,
  )
  // Up to then it was the current one, perhaps.
  if (current && current.appliedAt >= before) return true
  const used = [...(current ? [current.version] : []), ...deps.pinnedVersions(name)]
  const table = onlineTables({ name, version }).last
  if (used.some((one) => onlineTables({ name, version: one }).last === table)) return true
  const written = await findMaterialization(deps.db.tables<FeatureTables>(), name, version)
  return written !== undefined && written.updatedAt >= before
}

async function hasKeys(online: OnlineStore, version: { name: string; version: string }): Promise<boolean> {
  for (const table of Object.values(onlineTables(version))) if ((await online.count(table)) > 0) return true
  return false
}

async function dropTables(
  { db, online }: Deps,
  { name, version, dryRun }: { name: string; version: string; dryRun: boolean },
): Promise<UnusedTables> {
  const dropped = { tables: 0, keys: 0 }
  const names = Object.values(onlineTables({ name, version }))
  if (!dryRun) {
    const tables: Kysely<ProgressTables & FeatureTables> = db.tables()
    await forgetMaterializations(tables, name, version)
  }
  for (const table of names) {
    const keys = await online.count(table)
    if (keys === 0) continue
    dropped.tables++
    dropped.keys += keys
    if (!dryRun) await online.drop(table)
  }
  return dropped
}
