import { type Static, Type } from 'typebox'
import { parseTime } from './cells.ts'
import type { FeastDeps } from './deps.ts'
import { FeastWireError } from './feast-error.ts'

const Time = Type.String({ maxLength: 64 })
const shared = {
  feature_views: Type.Optional(Type.Union([Type.Array(Type.String({ maxLength: 512 })), Type.Null()])),
  full_feature_names: Type.Optional(Type.Boolean()),
  version: Type.Optional(Type.Union([Type.String(), Type.Null()])),
}
export const Materialize = Type.Object({
  start_ts: Type.Optional(Type.Union([Time, Type.Null()])),
  end_ts: Type.Optional(Type.Union([Time, Type.Null()])),
  disable_event_timestamp: Type.Optional(Type.Boolean()),
  ...shared,
})
export const MaterializeIncremental = Type.Object({ end_ts: Time, ...shared })

interface Job {
  views: string[]
  /** Milliseconds. */
  until: number
}

/** @throws FeastWireError for what cannot be done */
export async function planJob(
  { definitions }: Pick<FeastDeps, 'definitions'>,
  body: Static<typeof Materialize>,
): Promise<Job> {
  const refuse = (message: string) => new FeastWireError('FeastError', message, 422)
  if (body.disable_event_timestamp)
    throw refuse('disable_event_timestamp is not possible: values keep the time of their events')
  if (body.version) {
    throw new FeastWireError(
      'FeatureViewVersionNotFound',
      `Version ${body.version} cannot be materialized: only the latest is served`,
    )
  }
  const time = (name: string, text: string | null | undefined) => {
    const ms = text ? parseTime(text) : undefined
    if (ms === undefined) throw refuse(`${name} must be a time such as 2026-01-01T00:00:00, got ${text}`)
    return ms
  }
  const until = time('end_ts', body.end_ts)
  if ('start_ts' in body && time('start_ts', body.start_ts) >= until)
    throw refuse(`start_ts (${body.start_ts}) must be before end_ts (${body.end_ts})`)
  const known = (await definitions.list('feature-view')).map(({ name }) => name)
  const views = body.feature_views ?? known
  const missing = views.find((name) => !known.includes(name))
  if (missing !== undefined)
    throw new FeastWireError('FeatureViewNotFoundException', `Feature view ${missing} does not exist`)
  return { views, until }
}

/** Runs materializations: those that are waited for, and those in the background. */
export function createMaterializations(
  deps: Pick<FeastDeps, 'definitions' | 'data' | 'features' | 'logger'>,
) {
  const { definitions, data, features, logger } = deps
  /** What runs in the background. */
  const running = new Map<Job, Promise<void>>()
  const stopping = new AbortController()

  /** Feast reads the source as it is; a dataset without a version gets its first one. */
  async function ingestFirst(view: string): Promise<void> {
    const { from } = await definitions.get('feature-view', view)
    if ((await data.listVersions(from, { limit: 1 })).items.length > 0) return
    await data.ingest({ dataset: from, signal: stopping.signal })
  }

  async function run({ views, until }: Job): Promise<void> {
    for (const view of views) {
      await ingestFirst(view)
      await features.materialize({ view, until, signal: stopping.signal })
    }
  }

  return {
    run,
    /** Of these views, those that a background run is at work on. */
    busyWith(views: readonly string[]): string[] {
      const busy = new Set([...running.keys()].flatMap((job) => job.views))
      return views.filter((view) => busy.has(view))
    },
    start(job: Job): void {
      const work = run(job)
        .catch((error: unknown) => {
          logger.error({ err: error, views: job.views }, 'a materialization in the background failed')
        })
        .finally(() => running.delete(job))
      running.set(job, work)
    },
    /** Ends what runs in the background. */
    async stop(): Promise<void> {
      stopping.abort()
      await Promise.all(running.values())
    },
  }
}
