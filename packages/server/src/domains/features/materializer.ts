import { fail } from '@millrace/protocol'
import { createProfiler } from './feature-profile.ts'
import {
  type MaterializeRange,
  materializeView,
  type ViewMaterializerDeps,
  type ViewRun,
} from './materialize-view.ts'
import type { createProfiles } from './profiles.ts'
import type { Materialization } from './store.ts'
import { createTileCache } from './tile-cache.ts'
import type { ViewPlan } from './view-plan.ts'

/** A materialization that is at work. Times are milliseconds. */
export interface RunningMaterialization {
  view: string
  from: number | null
  until: number
  startedAt: number
  /** How many intervals there are, and how many of them are written. */
  intervals: number
  intervalsDone: number
  /** Rows written so far. */
  rows: number
}

interface Running {
  progress: RunningMaterialization
  controller: AbortController
}

type Plans = readonly [ViewPlan, ...ViewPlan[]]

export function newProgress(
  view: string,
  { from = null, until }: { from?: number | null; until: number },
  startedAt: number,
): RunningMaterialization {
  return { view, from, until, startedAt, intervals: 1, intervalsDone: 0, rows: 0 }
}

/**
 * Writes views to the online store as time goes on; keeps the tiles of each view between calls. Calls for one view run
 * one after the other; another process that writes it has its lock.
 */
export function createMaterializer(
  deps: ViewMaterializerDeps & { profiles: Pick<ReturnType<typeof createProfiles>, 'add' | 'isDue'> },
) {
  const tiles = createTileCache(deps.lake)
  const queues = new Map<string, Promise<unknown>>()
  const running = new Map<string, Running>()

  /** Every plan gets its turn; then the first that failed fails the call. */
  async function materializeAll(
    plans: Plans,
    input: MaterializeRange,
    { progress, signal }: { progress: RunningMaterialization; signal: AbortSignal },
  ): Promise<Materialization> {
    const [current, ...others] = plans
    const profiler = (await deps.profiles.isDue(current)) ? createProfiler() : undefined
    const run = {
      signal,
      onPart: ({ rows }: { rows: number }) => {
        progress.rows += rows
      },
      onInterval: (place: number, count: number) => {
        progress.intervalsDone = place
        progress.intervals = count
      },
    }
    const profiled: ViewRun = {
      ...run,
      onPart(part, { first, names }) {
        run.onPart(part)
        profiler?.add(part.columns.slice(first), names, part.rows)
      },
    }
    const done = await materializeView({ ...deps, tiles }, current, input, profiled)
    if (profiler) await deps.profiles.add(current, done.until, profiler)
    const failures: unknown[] = []
    for (const plan of others) {
      // A version of the dataset is meant for the view as it is now; it says nothing about another dataset.
      const version = plan.dataset === current.dataset ? input.version : undefined
      await materializeView({ ...deps, tiles }, plan, { ...input, version }, run).catch((error: unknown) =>
        failures.push(error),
      )
      signal.throwIfAborted()
    }
    await tiles.keep(
      current.name,
      plans.map((plan) => plan.version),
    )
    if (failures.length > 0) throw failures[0]
    return done
  }

  /** The signal aborts when the view's lock is lost; `signal` ends the waiting for the turn. */
  function inTurn<Result>(
    view: string,
    work: (lost: AbortSignal) => Promise<Result>,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<Result> {
    const { promise: gaveUp, reject: giveUp } = Promise.withResolvers<never>()
    const abort = () => giveUp(signal?.reason)
    const turn = (queues.get(view) ?? Promise.resolve()).then(async () => {
      signal?.removeEventListener('abort', abort)
      signal?.throwIfAborted()
      const otherWrites = () => fail('feature.materialization_running', { view })
      const lock = await deps.db.lock(`materialize-${view}`)
      if (!lock) throw otherWrites()
      const controller = new AbortController()
      void lock.lost.then(() => controller.abort(otherWrites()))
      try {
        return await work(controller.signal)
      } finally {
        await lock.release()
      }
    })
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    queues.set(view, settled)
    void settled.then(() => {
      if (queues.get(view) === settled) queues.delete(view)
    })
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    return Promise.race([turn, gaveUp])
  }

  return {
    /** Writes versions of one view; returns what was done for the first. */
    materialize(
      plans: Plans,
      input: MaterializeRange,
      { signal }: { signal?: AbortSignal } = {},
    ): Promise<Materialization> {
      const [{ name }] = plans
      const write = async (lost: AbortSignal) => {
        const controller = new AbortController()
        const progress = newProgress(name, input, deps.clock.now())
        const ends = [lost, ...(signal ? [signal] : []), controller.signal]
        running.set(name, { progress, controller })
        try {
          return await materializeAll(plans, input, { progress, signal: AbortSignal.any(ends) })
        } finally {
          running.delete(name)
        }
      }
      return inTurn(name, write, { signal })
    },
    /** Does other work on the online tables of a view, between materializations. */
    inTurn,
    /** Whether something is at work on a view, or waits. */
    isBusy: (view: string): boolean => queues.has(view),
    find: (view: string): RunningMaterialization | undefined => running.get(view)?.progress,
    /** Ends the materialization that is at work on a view; false if there is none. */
    cancel(view: string): boolean {
      const found = running.get(view)
      found?.controller.abort(fail('feature.materialization_cancelled', { view }))
      return found !== undefined
    },
  }
}
