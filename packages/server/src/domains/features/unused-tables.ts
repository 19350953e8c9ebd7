import { isPlatformError } from '@millrace/protocol'
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
  /** Whether to stop between two tables; it may throw. */
  isSpent?: () => boolean
}

/** Tables of the online store, and the keys in them. */
export interface UnusedTables {
  tables: number
  keys: number
  /** Versions that were left, for their view is written at the moment. */
  busy: number
  /** False if it was stopped: ask again. */
  complete: boolean
}

interface Deps {
  db: Database
  online: OnlineStore
  definitions: Pick<DefinitionService, 'listStored' | 'listVersions'>
  /** Versions of a view that open readers are pinned to. */
  pinnedVersions(view: string): string[]
  /** Whether this process writes the view's tables, which may take hours. */
  isBusy(view: string): boolean
  /**
   * Runs work on a view's tables while nothing else writes them; the signal aborts when that is so no more.
   * @throws `feature.materialization_running` if another process writes them
   */
  inTurn<Result>(view: string, work: (lost: AbortSignal) => Promise<Result>): Promise<Result>
}

/**
 * Drops the online tables of versions of views that are neither current, nor pinned by an open reader, nor to be kept.
 * Should such a version be used again, it is written anew: what was noted of it goes first.
 */
export async function removeUnusedTables(
  deps: Deps,
  { keep, before, dryRun = false, isSpent = () => false }: UnusedTablesInput,
): Promise<UnusedTables> {
  const removed: UnusedTables = { tables: 0, keys: 0, busy: 0, complete: true }
  const kept = new Map<string, Set<string>>()
  const keepTables = (view: string, version: string) => {
    const names = kept.get(view) ?? new Set()
    kept.set(view, names.add(onlineTables({ name: view, version }).last))
  }
  for (const { view, version } of keep) keepTables(view, version)
  const stored = await deps.definitions.listStored()
  for (const { name, version, firstAppliedAt } of await deps.definitions.listVersions('feature-view')) {
    // Asking again has to lead further.
    if (isSpent() && removed.tables > 0) return { ...removed, complete: false }
    const table = onlineTables({ name, version }).last
    if (kept.get(name)?.has(table) || firstAppliedAt >= before) continue
    const unused = { name, version, before }
    // Tables in use are not even counted: that reads them.
    if ((await isUsed(deps, stored, unused)) || !(await hasKeys(deps.online, unused))) continue
    if (deps.isBusy(name)) {
      removed.busy++
      continue
    }
    const drop = async (lost: AbortSignal) => {
      // Asked for anew, for meanwhile a version can come back.
      if (await isUsed(deps, await deps.definitions.listStored(), unused)) return
      await dropTables(deps, { name, version, dryRun, removed, lost, isSpent })
    }
    await deps.inTurn(name, drop).catch((error: unknown) => {
      if (!isPlatformError(error) || error.code !== 'feature.materialization_running') throw error
      removed.busy++
    })
  }
  return removed
}

/** Tables go by a part of the version's name. */
async function isUsed(
  deps: Deps,
  stored: Awaited<ReturnType<Deps['definitions']['listStored']>>,
  { name, version, before }: { name: string; version: string; before: number },
): Promise<boolean> {
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

/** Adds what it drops to `removed`. */
async function dropTables(
  { db, online }: Deps,
  run: {
    name: string
    version: string
    dryRun: boolean
    removed: UnusedTables
    lost: AbortSignal
    isSpent: () => boolean
  },
): Promise<void> {
  const { name, version, dryRun, removed, lost, isSpent } = run
  const tables: Kysely<ProgressTables & FeatureTables> = db.tables()
  for (const table of Object.values(onlineTables({ name, version }))) {
    const keys = await online.count(table)
    if (keys === 0) continue
    lost.throwIfAborted()
    if (isSpent() && removed.tables > 0) {
      removed.complete = false
      return
    }
    if (!dryRun) {
      await forgetMaterializations(tables, name, version)
      try {
        await online.drop(table)
      } finally {
        // Whoever took over the lock meanwhile may have noted rows that are dropped now.
        await forgetMaterializations(tables, name, version)
      }
    }
    removed.tables++
    removed.keys += keys
  }
}
