import { fail, isPlatformError } from '@millrace/protocol'
import type { Database } from '../../ports/database.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { Deployments } from './deployments.ts'
import { type LiveDeps, type LiveEndpoint, openLiveEndpoint } from './live-endpoint.ts'
import { findRevision, findState, listChanges, type ServingTables } from './store.ts'

interface StartOptions {
  /** How often to look for changes that other processes made; 200 ms by default. */
  refreshMs?: number
  /** How often to judge rollouts in progress; absent: only when asked. */
  evaluateMs?: number
}

/** The endpoints that this process answers for. */
export interface LiveEndpoints {
  /**
   * Takes over what has changed in the database since the last call; cheap if nothing has. Does nothing in a
   * process that does not serve: one that has neither been started nor asked for a prediction.
   */
  refresh(): Promise<void>
  /** True when every endpoint with a deployment is loaded. */
  isReady(): Promise<boolean>
  /** Loads all endpoints and keeps them up to date until `close`. */
  start(options?: StartOptions): Promise<void>
  /** Waits for running requests and closes the logs. */
  close(): Promise<void>
  find(endpoint: string): LiveEndpoint | undefined
  /** @throws `definition.not_found`, `endpoint.not_deployed`, `endpoint.not_ready` */
  require(endpoint: string): Promise<LiveEndpoint>
}

export interface LiveEndpointsDeps extends LiveDeps {
  db: Database
  definitions: Pick<DefinitionService, 'get' | 'find' | 'list' | 'events'>
}

interface Slot {
  live: LiveEndpoint
  /** Changes that were taken over. */
  changes: number
  /** Applies of definitions that it knows of. */
  generation: number
}

/** What failed is tried again after this time. */
const retryMs = 5000
/** A number of changes that no endpoint has. */
const untaken = -1

export function createLiveEndpoints(
  deps: LiveEndpointsDeps,
  control: Pick<Deployments, 'getState' | 'endRollout' | 'settle'> & {
    evaluateRollout(endpoint: string): Promise<unknown>
  },
): LiveEndpoints {
  const slots = new Map<string, Slot>()
  const retryAt = new Map<string, number>()
  const timers: NodeJS.Timeout[] = []
  /** Counts applies of definitions: what was opened under another number is opened again. */
  let generation = 0
  let refreshing: Promise<void> | null = null
  let again = false
  let serving = false
  let closed = false
  deps.definitions.events.on('applied', () => {
    generation++
    retryAt.clear()
    return refresh()
  })

  /** One at a time; a call during a refresh gets one that begins after the call. */
  async function refresh(): Promise<void> {
    if (!serving || closed) return
    if (refreshing) {
      again = true
      return refreshing
    }
    refreshing = (async () => {
      do {
        again = false
        await refreshOnce()
      } while (again && !closed)
    })().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  async function refreshOnce(): Promise<void> {
    let changed = false
    for (const { endpoint, changes } of await listChanges(deps.db.tables<ServingTables>())) {
      const slot = slots.get(endpoint)
      if (slot?.changes === changes && slot.generation === generation) continue
      if ((retryAt.get(endpoint) ?? 0) > deps.clock.now()) continue
      try {
        await takeOver(endpoint, changes)
        retryAt.delete(endpoint)
        changed = true
      } catch (error) {
        retryAt.set(endpoint, deps.clock.now() + retryMs)
        deps.logger.warn({ err: error, endpoint }, 'the endpoint could not be brought up to date')
      }
    }
    if (changed) await settle()
  }

  async function settle(): Promise<void> {
    try {
      await control.settle()
    } catch (error) {
      deps.logger.warn({ err: error }, 'effects of deployments are still to be carried out')
    }
  }

  async function takeOver(endpoint: string, changes: number): Promise<void> {
    const db = deps.db.tables<ServingTables>()
    const known = slots.get(endpoint)
    const current = generation
    const definition = await deps.definitions.find('endpoint', endpoint)
    const state = definition && (await findState(db, endpoint))
    if (!state) {
      slots.delete(endpoint)
      await known?.live.close()
      return
    }
    const live = known?.generation === current ? known.live : await openLiveEndpoint(deps, definition)
    const trouble = await live.sync(state, async (revision) => {
      const found = await findRevision(db, endpoint, { revision })
      if (!found) throw new TypeError(`The revision ${revision} of ${endpoint} is missing`)
      return found
    })
    slots.set(endpoint, { live, changes: trouble ? untaken : changes, generation: current })
    if (known && known.live !== live) await known.live.close()
    if (trouble) await giveUp(endpoint, trouble)
  }

  /** A candidate that can never be loaded is rolled back; one that cannot be loaded now is tried again. */
  async function giveUp(endpoint: string, trouble: unknown): Promise<void> {
    if (isPlatformError(trouble) && trouble.retryable) throw trouble
    const { rollout } = await control.getState(endpoint)
    if (!rollout) return
    const reason = `the model could not be loaded: ${(trouble as Error).message}`
    await control.endRollout(endpoint, rollout, { outcome: 'rolled-back', reason, evidence: null })
    again = true
  }

  async function evaluateAll(): Promise<void> {
    for (const endpoint of slots.keys()) await control.evaluateRollout(endpoint)
  }

  /** Runs the work, then waits, so a slow turn is never overtaken by the next. */
  function repeat(work: () => Promise<void>, everyMs: number, what: string): void {
    const timer = setTimeout(async () => {
      try {
        await work()
      } catch (error) {
        deps.logger.warn({ err: error }, `${what} failed`)
      }
      if (!closed) timer.refresh()
    }, everyMs)
    timer.unref()
    timers.push(timer)
  }

  return {
    refresh,
    find: (endpoint) => slots.get(endpoint)?.live,
    async require(endpoint) {
      serving = true
      await refresh()
      const found = slots.get(endpoint)
      if (found) return found.live
      await control.getState(endpoint)
      throw fail('endpoint.not_ready', { endpoint, reason: 'its model could not be loaded; see the log.' })
    },
    async isReady() {
      const defined = new Set((await deps.definitions.list('endpoint')).map(({ name }) => name))
      const deployed = await listChanges(deps.db.tables<ServingTables>())
      return deployed.every(
        ({ endpoint }) => !defined.has(endpoint) || slots.get(endpoint)?.live.ready === true,
      )
    },
    async start({ refreshMs = 200, evaluateMs } = {}) {
      serving = true
      await settle()
      await refresh()
      repeat(refresh, refreshMs, 'looking for changes of endpoints')
      if (evaluateMs !== undefined) repeat(evaluateAll, evaluateMs, 'judging rollouts')
    },
    async close() {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await refreshing
      await Promise.all([...slots.values()].map(({ live }) => live.close()))
      slots.clear()
    },
  }
}
