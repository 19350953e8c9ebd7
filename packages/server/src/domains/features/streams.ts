import { type FeatureViewDefinition, fail, isPlatformError } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import type { RequestRow } from './request-row.ts'
import { type AcceptedEvents, acceptEvents, type StreamView } from './stream-accept.ts'
import { type FlushDeps, flushEventsOf } from './stream-flush.ts'
import {
  countRefused,
  findPending,
  findStream,
  listWaiting,
  type StreamState,
  type StreamTables,
} from './stream-store.ts'
import { createTopics } from './topics.ts'
import type { ViewPlan } from './view-plan.ts'

/** How far the events of a view are; counts are of its dataset. */
export interface StreamStatus {
  view: string
  dataset: string
  accepted: number
  duplicates: number
  late: number
  /** Refused by the dataset, by an expectation for example, and kept aside. */
  refused: number
  /** Accepted and not in the dataset yet. */
  waiting: number
  /** Milliseconds: events before it are late. Null: there was no event yet. */
  watermark: number | null
}

export interface StreamDeps extends FlushDeps {
  clock: Clock
  stream: EventStream
  definitions: Pick<DefinitionService, 'get' | 'list'>
  viewOf(view: string): Promise<ViewPlan>
  materialize(input: { view: string; until: number }): Promise<unknown>
}

/**
 * What `advance` did: views that were written to the online store, and what failed; a dataset without a view that takes
 * events is told by its own name.
 */
export interface StreamAdvance {
  materialized: string[]
  failures: { view: string; error: unknown }[]
}

/** Takes the events of stream views, and brings them to their datasets and the online store as time goes on. */
export function createStreams(deps: StreamDeps) {
  const tables = () => deps.db.tables<StreamTables>()
  /** Per view: the hop that was materialized last. */
  const hops = new Map<string, number>()

  async function open(definition: FeatureViewDefinition): Promise<StreamView> {
    const { stream, name } = definition
    if (!stream) {
      throw fail('feature.push_refused', {
        view: name,
        reason: 'its definition has no "stream": it takes no events',
      })
    }
    const dataset = await deps.definitions.get('dataset', definition.from)
    return { definition: { ...definition, stream }, dataset, plan: await deps.viewOf(name) }
  }

  async function openAll(): Promise<StreamView[]> {
    const definitions = await deps.definitions.list('feature-view')
    return Promise.all(definitions.filter(({ stream }) => stream).map(open))
  }

  const topics = createTopics(deps)

  /** Nothing changes online before the hop of an event has ended, unless the view has newest values. */
  function isDue({ plan }: StreamView, earliest: number): boolean {
    if (plan.last.length > 0) return true
    return earliest * 1000 < currentHop(plan) * plan.hopUs
  }

  const currentHop = (plan: ViewPlan) => Math.floor((deps.clock.now() * 1000) / plan.hopUs)

  async function takeAndAdvance(views: readonly StreamView[], done: StreamAdvance): Promise<void> {
    await topics.take(views)
    await advanceDataset(views, done)
  }

  /** Views of one dataset. */
  async function advanceDataset(views: readonly StreamView[], done: StreamAdvance): Promise<void> {
    const [{ dataset }] = views
    const latenessMs = Math.max(...views.map(({ definition }) => definition.stream.allowedLatenessMs))
    const state = await findStream(tables(), dataset.name)
    if (!state) return
    const pending = await findPending(tables(), state, Number.MAX_SAFE_INTEGER)
    const isFlushed = pending !== undefined && views.some((view) => isDue(view, pending.earliest))
    // Until it is written online again, so that a failure in between is made good.
    if (isFlushed) for (const { plan } of views) hops.delete(`${plan.name}/${plan.version}`)
    while (isFlushed && (await flushEventsOf(deps, dataset, { latenessMs }))) {
      // One version per flush, until nothing waits.
    }
    for (const { definition, plan } of views) {
      const key = `${plan.name}/${plan.version}`
      if (hops.get(key) === currentHop(plan)) continue
      await deps.materialize({ view: definition.name, until: deps.clock.now() })
      hops.set(key, currentHop(plan))
      done.materialized.push(definition.name)
    }
  }

  /**
   * Events were accepted for a dataset: they come into it, whether or not a view still takes more. A dataset that is
   * gone gets them when it is defined again.
   */
  async function flushLeft(read: ReadonlyMap<string, unknown>, done: StreamAdvance): Promise<void> {
    const left = (await listWaiting(tables())).filter((name) => !read.has(name))
    if (left.length === 0) return
    for (const dataset of await deps.definitions.list('dataset')) {
      if (!left.includes(dataset.name)) continue
      try {
        while (await flushEventsOf(deps, dataset, { latenessMs: 0 })) {
          // One version per flush, until nothing waits.
        }
      } catch (error) {
        done.failures.push({ view: dataset.name, error })
      }
    }
  }

  async function statusOf(view: StreamView, state: StreamState | undefined): Promise<StreamStatus> {
    const { definition, dataset } = view
    const pending = state && (await findPending(tables(), state, Number.MAX_SAFE_INTEGER))
    return {
      view: definition.name,
      dataset: dataset.name,
      accepted: state?.accepted ?? 0,
      duplicates: state?.duplicates ?? 0,
      late: state?.late ?? 0,
      refused: await countRefused(tables(), dataset.name),
      waiting: pending?.events ?? 0,
      watermark:
        state === undefined || state.newest === null
          ? null
          : state.newest - definition.stream.allowedLatenessMs,
    }
  }

  return {
    appendEvents: topics.append,
    listTopics: topics.list,

    async accept(view: string, rows: readonly RequestRow[]): Promise<AcceptedEvents> {
      return acceptEvents(deps, await open(await deps.definitions.get('feature-view', view)), rows)
    },

    async status(view: string): Promise<StreamStatus> {
      const opened = await open(await deps.definitions.get('feature-view', view))
      return statusOf(opened, await findStream(tables(), opened.dataset.name))
    },

    async list(): Promise<StreamStatus[]> {
      const statuses: StreamStatus[] = []
      for (const view of await openAll()) {
        statuses.push(await statusOf(view, await findStream(tables(), view.dataset.name)))
      }
      return statuses
    },

    /** Flushes and materializes what is due now. A dataset that fails does not hold up the others. */
    async advance(): Promise<StreamAdvance> {
      const done: StreamAdvance = { materialized: [], failures: [] }
      const byDataset = new Map<string, StreamView[]>()
      for (const view of await openAll()) {
        const { name } = view.dataset
        byDataset.set(name, [...(byDataset.get(name) ?? []), view])
      }
      for (const views of byDataset.values()) {
        await takeAndAdvance(views, done).catch((error: unknown) => {
          // Events that wait for their hop are no version yet.
          if (isPlatformError(error) && error.code === 'dataset.version_not_found') return
          done.failures.push({ view: views[0].definition.name, error })
        })
      }
      await flushLeft(byDataset, done)
      await topics.trim([...byDataset.values()].flat())
      return done
    },
  }
}
