import type { ErrorBody } from '@millrace/protocol'
import { fail } from '@millrace/protocol/errors'
import type { ConsistencyInput, ServiceConsistencyCheck } from './consistency.ts'
import type { Page, PageInput } from './page.ts'
import { errorOf, path, type Transport } from './transport.ts'

/** How far the online values of a feature view are. */
export interface Materialization {
  view: string
  viewVersion: string
  dataset: { dataset: string; version: string }
  /** Versions of the other datasets, if the rows of the view come from a query. */
  joined?: { dataset: string; version: string }[]
  /** Event time, milliseconds. */
  until: number
  /** Keys written by the last call. */
  rows: number
  updatedAt: number
}

export interface MaterializeInput {
  /** Event time, milliseconds. Default: now, by the server's clock. */
  until?: number
  /** Writes what became known from here on once more, whatever was written before; without: what is missing. */
  from?: number
  /** Cuts the time into intervals of this length: what is done of them is kept, also when the server ends. */
  everyMs?: number
  /** Of the dataset. Default: the latest. */
  version?: string
}

/** A materialization that is at work. Times are milliseconds. */
export interface RunningMaterialization {
  view: string
  from: number | null
  until: number
  startedAt: number
  intervals: number
  intervalsDone: number
  /** Rows written so far. */
  rows: number
}

export interface MaterializationStatus {
  view: string
  running: RunningMaterialization | null
  /** What was done last; null = nothing yet. */
  done: Materialization | null
  /** What the last one in the background came to, since the server began. */
  finished: Materialization | null
  failure: ErrorBody | null
}

/** What one feature was like in the rows that a materialization wrote. */
export interface FeatureProfile {
  feature: string
  rows: number
  nulls: number
  /** Different values: exact up to 20,000 rows, beyond estimated out of a sample. */
  distinct: number
  /** Of numbers; times as milliseconds. Null without a value. */
  min: number | null
  max: number | null
  mean: number | null
  /** At 5, 25, 50, 75 and 95 %; null for what is no number. */
  quantiles: number[] | null
  /** Population stability index against the materialization before; null if there were too few rows to compare. */
  drift: number | null
}

/** Times are milliseconds. */
export interface ViewProfile {
  view: string
  viewVersion: string
  at: number
  until: number
  features: FeatureProfile[]
}

interface WaitOptions {
  /** Called with each state that is seen. */
  onProgress?: (running: RunningMaterialization, now: number) => void
  /** Time between two looks. Default: 250. */
  pollMs?: number
}

type FeatureValue = string | number | boolean | null

/**
 * `NULL_VALUE`: known to be missing. `NOT_FOUND`: the key was never seen. `OUTSIDE_MAX_AGE`: what is stored is older
 * than the ttl of its view, and not given.
 */
export type FeatureStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

/** Features as a model gets them; one entry per row and feature. */
export interface OnlineFeatures {
  /** Times in milliseconds. */
  values: Record<string, FeatureValue>[]
  statuses: Record<string, FeatureStatus>[]
  /** Per row and feature view: milliseconds by which the stored values are behind; null where nothing is stored. */
  staleness: Record<string, number | null>[]
}

/** What is asked for: features as `view:feature`, or all of a feature service. */
export type FeatureSelection = { features: readonly string[] } | { service: string }

/** Whose features: the keys of the entities, and what on-demand views need. Times are milliseconds or ISO text. */
export type EntityRows =
  | { rows: readonly object[] }
  | { columns: Readonly<Record<string, readonly unknown[]>> }

interface GetOptions {
  /** As of when, milliseconds. Default: now, by the server's clock. */
  at?: number
  /** Names as `view__feature`: needed where two views have a feature of one name. */
  fullNames?: boolean
}

/** Per feature, then per row, both in the order that was asked for. */
export interface FeatureColumns {
  at: number
  features: string[]
  values: FeatureValue[][]
  statuses: FeatureStatus[][]
  /** Event time of the stored value, milliseconds; null where nothing is stored. */
  eventTimes: (number | null)[][]
}

/** One row by name of the feature. */
export interface FeatureRow {
  values: Record<string, FeatureValue>
  statuses: Record<string, FeatureStatus>
  eventTimes: Record<string, number | null>
}

export interface PushInput {
  /** With the columns of the dataset's source; for `online` alone, those that the view reads are enough. */
  rows: readonly object[]
  /** Default: both. */
  to?: 'online' | 'offline' | 'both'
}

export interface Pushed {
  view: string
  rows: number
  /** Keys among the rows; null = not pushed there. */
  online: { keys: number } | null
  /** The version that has the rows; null = not pushed there. */
  offline: { dataset: string; version: string } | null
}

/** What became of events that were sent. */
export interface AcceptedEvents {
  view: string
  /** New, and kept. */
  accepted: number
  /** Known by their id; nothing changed. */
  duplicates: number
  /** Older than the latest event by more than the allowed lateness; dropped. */
  late: number
}

/** What became of the events of a view; they are those of its dataset. */
export interface StreamStatus extends AcceptedEvents {
  dataset: string
  /** Refused by the dataset, by an expectation for example, and kept aside. */
  refused: number
  /** Accepted and not in the dataset yet. */
  waiting: number
  /** Milliseconds: events before it are late. Null: there was no event yet. */
  watermark: number | null
}

/** A topic of events. */
export interface Topic {
  name: string
  /** Feature views that read it. */
  views: string[]
}

export function featureCalls({ send, delay }: Transport) {
  const getMaterialization = (view: string) =>
    send<MaterializationStatus>({ method: 'GET', path: path`/v1/feature-views/${view}/materialization` })
  return {
    featureViews: {
      /** Brings the online values to what was known at `until` (milliseconds, event time). */
      materialize: (view: string, input: MaterializeInput = {}) =>
        send<Materialization>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/materialize`,
          body: input,
          idempotent: true,
        }),
      /**
       * The same, in the background of the server; waits for its end, however long that takes. One that is at work on
       * the view already is waited for.
       * @throws what it failed with; `feature.materialization_cancelled`, also if the server began anew meanwhile
       */
      async materializeInBackground(
        view: string,
        input: MaterializeInput = {},
        { onProgress, pollMs = 250 }: WaitOptions = {},
      ): Promise<Materialization> {
        let status = await send<MaterializationStatus>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/materialize`,
          body: { ...input, wait: false },
          idempotent: true,
        })
        for (; status.running; status = await getMaterialization(view)) {
          onProgress?.(status.running, Date.now())
          await delay(pollMs)
        }
        if (status.failure) throw errorOf(status.failure)
        if (!status.finished) throw fail('feature.materialization_cancelled', { view })
        return status.finished
      },
      /** How far a view is, and what is at work on it. */
      materialization: getMaterialization,
      /** What the materializations of a view wrote, the newest first; `limit`: 1 by default, 50 are kept. */
      profiles: async (view: string, query: { limit?: number } = {}) =>
        (
          await send<{ items: ViewProfile[] }>({
            method: 'GET',
            path: path`/v1/feature-views/${view}/profiles`,
            query,
          })
        ).items,
      /** Ends what is at work on a view; what is written stays, and the next call goes on. */
      cancelMaterialization: (view: string) =>
        send<{ view: string; cancelled: boolean }>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/cancel-materialization`,
          idempotent: true,
        }),
      /** Writes up to 10,000 rows to the online store, the dataset, or both; the same rows again change nothing. */
      push: (view: string, input: PushInput) =>
        send<Pushed>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/push`,
          body: input,
          idempotent: true,
        }),
      /** Sends up to 10,000 events to a view with a stream, all or none; those that come again change nothing. */
      sendEvents: (view: string, events: readonly object[]) =>
        send<AcceptedEvents>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/events`,
          body: { events },
          idempotent: true,
        }),
      stream: (view: string) =>
        send<StreamStatus>({ method: 'GET', path: path`/v1/feature-views/${view}/stream` }),
      /** Writes feature values that were computed elsewhere to the online store; `taken`: those that were not older. */
      writeValues: (view: string, rows: readonly object[]) =>
        send<{ view: string; rows: number; taken: number }>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/values`,
          body: { rows },
          idempotent: true,
        }),
      /** Removes newest rows that are older than the ttl of the view from the online store. */
      removeExpired: (view: string) =>
        send<{ view: string; removed: number }>({
          method: 'POST',
          path: path`/v1/feature-views/${view}/remove-expired`,
          idempotent: true,
        }),
    },
    featureServices: {
      /** Features of up to 1,000 rows, as a model would get them. */
      online: (service: string, rows: readonly object[]) =>
        send<OnlineFeatures>({
          method: 'POST',
          path: path`/v1/feature-services/${service}/online`,
          body: { rows },
          idempotent: true,
        }),
      /**
       * Compares logged online reads with what training would have had at the time of each. The service logs a share of
       * them, `logReads`. Event times in milliseconds, `from <= t < until`.
       */
      checkConsistency: (service: string, body: ConsistencyInput) =>
        send<ServiceConsistencyCheck>({
          method: 'POST',
          path: path`/v1/feature-services/${service}/consistency`,
          body,
          idempotent: false,
        }),
      /** Newest first. */
      consistencyChecks: (service: string, page?: PageInput) =>
        send<Page<ServiceConsistencyCheck>>({
          method: 'GET',
          path: path`/v1/feature-services/${service}/consistency`,
          query: { ...page },
        }),
    },
    topics: {
      /** Topics of events that feature views read. */
      list: () => send<{ items: Topic[] }>({ method: 'GET', path: '/v1/topics' }),
      /**
       * Appends up to 10,000 events to a topic, all or none, in this order. Views take them within a second; those that
       * come again change nothing.
       */
      append: (topic: string, events: readonly object[]) =>
        send<{ topic: string; events: number }>({
          method: 'POST',
          path: path`/v1/topics/${topic}/events`,
          body: { events },
          idempotent: true,
        }),
    },
    onlineFeatures: {
      /** Features of up to 10,000 entities by columns, over any number of views; the quickest form. */
      getColumns: (input: FeatureSelection & EntityRows & GetOptions) =>
        send<FeatureColumns>({
          method: 'POST',
          path: '/v1/online-features',
          body: input,
          idempotent: true,
        }),
      /** The same, an entry per entity. */
      get: async (input: FeatureSelection & EntityRows & GetOptions) =>
        (
          await send<{ rows: FeatureRow[] }>({
            method: 'POST',
            path: '/v1/online-features',
            body: { ...input, answer: 'rows' },
            idempotent: true,
          })
        ).rows,
    },
  }
}
