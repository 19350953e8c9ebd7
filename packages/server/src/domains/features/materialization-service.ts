import { fail, isPlatformError } from '@millrace/protocol'
import type { DefinitionService } from '../definitions/index.ts'
import type { MaterializeRange, ViewMaterializerDeps } from './materialize-view.ts'
import { createMaterializer, newProgress, type RunningMaterialization } from './materializer.ts'
import { onlineTables } from './online-key.ts'
import type { ViewProfile } from './profile-store.ts'
import { createProfiles, type ProfileDeps } from './profiles.ts'
import { type ProgressTables, saveCleaning } from './progress-store.ts'
import { type FeatureTables, findMaterialization, type Materialization } from './store.ts'
import { removeUnusedTables, type UnusedTables, type UnusedTablesInput } from './unused-tables.ts'
import type { ViewPlan } from './view-plan.ts'

export interface MaterializeInput extends Omit<MaterializeRange, 'until'> {
  view: string
  /** Default: now, by the server's clock. */
  until?: number
  signal?: AbortSignal
}

/** How far a view is, in its current version. */
export interface MaterializationStatus {
  view: string
  /** What is at work, or waits for its turn. */
  running: RunningMaterialization | null
  /** What was done last; null = nothing yet. */
  done: Materialization | null
  /** What the last one in the background came to, since this server began. */
  finished: Materialization | null
  failure: { error_code: string; message: string; details: Record<string, unknown> } | null
}

type Outcome = Pick<MaterializationStatus, 'finished' | 'failure'>

export interface MaterializationService {
  /**
   * Brings the online store to what was known at `until` (milliseconds): aggregates as of the last hop, newest rows up
   * to `until`. Idempotent; without `from`, a call for an earlier time does nothing, and one that goes on where a crash
   * ended another reads only what is missing. With `from`, rows that became known from then on are written once more.
   * Versions of the view that are not current any more, but that an open reader is pinned to, are brought up to date
   * as well.
   * @throws `feature.time_ahead` for a time more than a day ahead: it could not be taken back; `feature.range_invalid`,
   * `feature.materialization_running`, `feature.materialization_cancelled`
   */
  materialize(input: MaterializeInput): Promise<Materialization>
  /**
   * The same in the background, unless the same call is at work there already. Throws what can be known before, and
   * `feature.materialization_running` if another one of the view is.
   */
  startMaterialization(input: MaterializeInput): Promise<MaterializationStatus>
  getMaterialization(view: string): Promise<MaterializationStatus>
  /**
   * Ends what is at work, and what waits in the background; what is written stays, and the next call goes on. False if
   * nothing is.
   */
  cancelMaterialization(view: string): Promise<boolean>
  /** Ends what is at work in the background, and waits for it. */
  stopMaterializations(): Promise<void>
  /** How far each view is in the online store, in its current version. */
  listMaterializations(): Promise<Materialization[]>
  /**
   * Removes newest rows that are older than the ttl by the clock from the online store: nobody is given them, unless for
   * a time in the past. They do not come back by a materialization. Windows are left, they are written anew by each
   * one. Returns the number of rows.
   */
  removeExpired(view: string): Promise<number>
  /** What the materializations of a view, in its current version, wrote: the newest first, 50 at most. */
  listProfiles(view: string, limit: number): Promise<ViewProfile[]>
  /** Drops the online tables of versions of views that nothing reads any more. */
  removeUnusedTables(input: UnusedTablesInput): Promise<UnusedTables>
}

/** Clocks of machines and zones of people differ; no more than this. */
const dayMs = 86_400_000

export interface MaterializationDeps extends ViewMaterializerDeps, Pick<ProfileDeps, 'stream' | 'logger'> {
  definitions: Parameters<typeof removeUnusedTables>[0]['definitions'] &
    Pick<DefinitionService, 'get' | 'list'>
  viewOf(view: string): Promise<ViewPlan>
  /** The view as it is now, then its other versions that are in use. */
  versionsOf(view: string): Promise<[ViewPlan, ...ViewPlan[]]>
  pinnedVersions(view: string): string[]
}

interface BackgroundWork {
  /** What was asked for. */
  range: Partial<MaterializeRange>
  work: Promise<void>
  waiting: RunningMaterialization
  controller: AbortController
}

export function createMaterializations(deps: MaterializationDeps): MaterializationService {
  const { clock } = deps
  const tables = () => deps.db.tables<FeatureTables & ProgressTables>()
  const profiles = createProfiles(deps)
  const materializer = createMaterializer({ ...deps, profiles })
  const background = new Map<string, BackgroundWork>()
  const outcomes = new Map<string, Outcome>()
  const stopping = new AbortController()

  function check({ view, from, until = clock.now(), everyMs, version }: MaterializeInput): MaterializeRange {
    const now = clock.now()
    if (until > now + dayMs) throw fail('feature.time_ahead', { view, until: iso(until), now: iso(now) })
    if (from !== undefined && from > until) {
      throw fail('feature.range_invalid', {
        view,
        reason: `it begins at ${iso(from)}, after its end ${iso(until)}`,
      })
    }
    return { from, until, everyMs, version }
  }

  async function statusOf(view: string): Promise<MaterializationStatus> {
    const { name, version } = await deps.viewOf(view)
    return {
      view: name,
      running: materializer.find(name) ?? background.get(name)?.waiting ?? null,
      done: (await findMaterialization(tables(), name, version)) ?? null,
      ...(outcomes.get(name) ?? { finished: null, failure: null }),
    }
  }

  return {
    async materialize({ signal, ...input }) {
      const range = check(input)
      return materializer.materialize(await deps.versionsOf(input.view), range, { signal })
    },
    async startMaterialization({ signal: _, view, ...asked }) {
      const range = check({ view, ...asked })
      const plans = await deps.versionsOf(view)
      const known = background.get(view)
      if (known && !isSameRange(known.range, asked)) throw fail('feature.materialization_running', { view })
      if (!known) {
        outcomes.delete(view)
        const controller = new AbortController()
        const work = materializer
          .materialize(plans, range, { signal: AbortSignal.any([stopping.signal, controller.signal]) })
          .then((finished): Outcome => ({ finished, failure: null }), failed)
          .then((outcome) => {
            outcomes.set(view, outcome)
            background.delete(view)
          })
        const waiting = newProgress(view, range, clock.now())
        background.set(view, { range: asked, work, waiting, controller })
      }
      return statusOf(view)
    },
    getMaterialization: statusOf,
    async cancelMaterialization(view) {
      const { name } = await deps.viewOf(view)
      const inBackground = background.get(name)
      inBackground?.controller.abort(fail('feature.materialization_cancelled', { view: name }))
      return materializer.cancel(name) || inBackground !== undefined
    },
    async stopMaterializations() {
      stopping.abort()
      await Promise.all([...background.values()].map(({ work }) => work))
    },
    async listMaterializations() {
      const names = (await deps.definitions.list('feature-view')).map(({ name }) => name)
      const plans = await Promise.all(names.map(deps.viewOf))
      const done = await Promise.all(
        plans.map((plan) => findMaterialization(tables(), plan.name, plan.version)),
      )
      return done.filter((one) => one !== undefined)
    },
    async removeExpired(view) {
      const plans = await deps.versionsOf(view)
      // In turn: a materialization that read the rows before would bring them back.
      return materializer.inTurn(view, async () => {
        let removed = 0
        for (const { name, version, ttlUs } of plans) {
          if (ttlUs === null) continue
          const before = Math.floor(clock.now() - ttlUs / 1000)
          await saveCleaning(tables(), { view: name, viewVersion: version, before })
          removed += await deps.online.removeOlder(onlineTables({ name, version }).last, before)
        }
        return removed
      })
    },
    listProfiles: async (view, limit) => profiles.list(await deps.viewOf(view), limit),
    removeUnusedTables: (input) => removeUnusedTables({ ...deps, ...materializer }, input),
  }
}

function isSameRange(one: Partial<MaterializeRange>, other: Partial<MaterializeRange>): boolean {
  return (['from', 'until', 'everyMs', 'version'] as const).every((name) => one[name] === other[name])
}

function failed(error: unknown): Outcome {
  const { code, message, details } = isPlatformError(error) ? error : fail('internal.unexpected', {}, error)
  return { finished: null, failure: { error_code: code, message, details } }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
