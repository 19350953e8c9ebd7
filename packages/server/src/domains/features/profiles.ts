import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { createProfiler } from './feature-profile.ts'
import { listProfiles, type ProfileTables, saveProfile, type ViewProfile } from './profile-store.ts'
import type { ViewPlan } from './view-plan.ts'

/** Views with a stream are written every second, perhaps: not each time is worth a profile. */
const leastApartMs = 60_000

export interface ProfileDeps {
  db: Database
  clock: Clock
  stream: EventStream
  definitions: Pick<DefinitionService, 'get'>
  logger: Pick<Logger, 'warn'>
}

/** Keeps what materializations wrote, and tells the audit stream where that left the bounds of a view's `watch`. */
export function createProfiles({ db, clock, stream, definitions, logger }: ProfileDeps) {
  const tables = () => db.tables<ProfileTables>()
  const list = ({ name, version }: Pick<ViewPlan, 'name' | 'version'>, limit: number) =>
    listProfiles(tables(), { view: name, viewVersion: version, limit })

  async function tell(profile: ViewProfile): Promise<void> {
    const { view, viewVersion, at, until } = profile
    const { watch } = await definitions.get('feature-view', view)
    if (!watch) return
    const { nulls = Number.POSITIVE_INFINITY, drift = Number.POSITIVE_INFINITY } = watch
    const features = profile.features
      .map((one) => ({ feature: one.feature, nulls: one.nulls / one.rows, drift: one.drift }))
      .filter((one) => one.nulls > nulls || (one.drift ?? 0) > drift)
    if (features.length === 0) return
    const data = { view, viewVersion, until, watch, features }
    await stream.append('audit', [{ type: 'features.drifted', at, data }])
  }

  /** Whether a materialization that begins now is to be profiled. */
  async function isDue(plan: ViewPlan): Promise<boolean> {
    const [previous] = await list(plan, 1)
    return !previous || clock.now() - previous.at >= leastApartMs
  }

  async function keep(
    plan: ViewPlan,
    until: number,
    profiler: ReturnType<typeof createProfiler>,
  ): Promise<void> {
    const [previous] = await list(plan, 1)
    const before = new Map(previous?.features.map((one) => [one.feature, one]))
    const features = (await profiler.finish(before)).filter(({ rows }) => rows > 0)
    if (features.length === 0) return
    const profile = { view: plan.name, viewVersion: plan.version, at: clock.now(), until, features }
    await saveProfile(db, profile)
    await tell(profile)
  }

  return {
    list,
    isDue,
    /**
     * To be called when a materialization of the current version has ended well, which it has even if its profile
     * cannot be kept.
     */
    async add(...written: Parameters<typeof keep>): Promise<void> {
      const [{ name }] = written
      await keep(...written).catch((error: Error) =>
        logger.warn({ view: name, error: error.message }, 'the profile of a materialization is not kept'),
      )
    },
  }
}
