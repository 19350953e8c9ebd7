import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type DatasetDefinition, fail, isPlatformError, type PlatformError } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { quoteName } from '../../kernel/sql.ts'
import type { Database } from '../../ports/database.ts'
import type { SecretStore } from '../../ports/secret-store.ts'
import type { DataService, DatasetVersionRef } from '../data/index.ts'
import type { DefinitionService } from '../definitions/index.ts'
import { type MaterializeDeps, writeLast } from './materialize.ts'
import type { FeatureValue } from './on-demand.ts'
import { canRead, checkTimes, createPushParser, loadRows, versionRelation } from './push-relation.ts'
import { addPush, listPushes, type PendingPush, type PushTables, removePush } from './push-store.ts'
import type { RequestRow } from './request-row.ts'
import type { ViewPlan } from './view-plan.ts'

/** `online`: the newest-row features of the view. `offline`: a new version of its dataset. */
export type PushTarget = 'online' | 'offline' | 'both'

export interface PushInput {
  view: string
  /** Rows as the dataset's source has them. */
  rows: readonly RequestRow[]
  to: PushTarget
}

export interface Pushed {
  view: string
  rows: number
  /** Keys among the rows; null = not pushed there. */
  online: { keys: number } | null
  /** The version that has the rows; null = not pushed there. */
  offline: DatasetVersionRef | null
}

/** Pushes that were refused when they were taken up again. */
export type ResumedPushes = { push: PendingPush; error: PlatformError }[]

export interface PusherDeps extends MaterializeDeps {
  db: Database
  clock: Clock
  definitions: Pick<DefinitionService, 'get'>
  data: Pick<DataService, 'ingest'>
  secrets: SecretStore
  tempDir: string
  /** The view as it is now, then its other versions that are in use. */
  versionsOf(view: string): Promise<[ViewPlan, ...ViewPlan[]]>
}

const dayMs = 86_400_000

/** A push made ready: checked, but nothing is written. */
interface Prepared {
  dataset: DatasetDefinition
  plans: readonly ViewPlan[]
  rows: FeatureValue[][]
}

/**
 * Writes pushed rows. Those for both stores are noted in the database first: after a crash in between, `resume` brings
 * them to where they are missing. Both writes may be repeated: the online store keeps the latest event times, and a
 * dataset takes a file once.
 */
export function createPusher(deps: PusherDeps) {
  const tables = () => deps.db.tables<PushTables>()
  /** Pushes to one view run one after the other. */
  const queues = new Map<string, Promise<unknown>>()

  async function prepare({ view, rows, to }: PushInput): Promise<Prepared> {
    const [current, ...others] = await deps.versionsOf(view)
    if (to !== 'offline' && current.last.length === 0) {
      throw fail('feature.push_refused', {
        view,
        reason:
          'all its features are over windows, which materialization computes: push to "offline", then materialize',
      })
    }
    if (current.query)
      throw fail('feature.push_refused', { view, reason: 'its rows come from a query over several datasets' })
    const dataset = await deps.definitions.get('dataset', current.dataset)
    const parse = createPushParser(dataset, current, { isWhole: to !== 'online' })
    // Versions that read what the rows do not have get nothing from them.
    const plans = [current, ...others.filter((plan) => plan.last.length > 0 && canRead(dataset, plan))]
    return { dataset, plans, rows: rows.map(parse) }
  }

  async function write(id: string, input: PushInput): Promise<Pushed> {
    const { dataset, plans, rows } = await prepare(input)
    const table = `push_${id}`
    const result: Pushed = { view: input.view, rows: rows.length, online: null, offline: null }
    try {
      const source = await loadRows(deps.lake, table, { dataset, rows })
      const version = await versionRelation(dataset, source, deps.secrets)
      const until = deps.clock.now() + dayMs
      if (input.to !== 'offline') {
        await reading(input.view, () => checkTimes(deps.lake, { plan: plans[0], relation: version, until }))
      }
      // First where rows may be refused: by expectations.
      if (input.to !== 'online') result.offline = await append(id, dataset, source)
      if (input.to !== 'offline') {
        const keys: number[] = []
        for (const plan of plans) {
          const last = () => writeLast(deps, { plan, relation: version, after: null, until, greatest: true })
          keys.push(await reading(input.view, last))
        }
        result.online = { keys: keys[0] }
      }
    } finally {
      await deps.lake.run(`DROP TABLE IF EXISTS ${quoteName(table)}`)
    }
    return result
  }

  async function append(id: string, dataset: DatasetDefinition, source: string): Promise<DatasetVersionRef> {
    await mkdir(deps.tempDir, { recursive: true })
    const path = join(deps.tempDir, `${id}.parquet`)
    try {
      await deps.lake.writeParquet(`SELECT * FROM ${source}`, path)
      const rows = { dataset: dataset.name, path, format: 'parquet', mode: 'append', cause: 'push' } as const
      const { version } = await deps.data.ingest(rows)
      return { dataset: dataset.name, version }
    } finally {
      await rm(path, { force: true })
    }
  }

  async function finish({ id, view, rows }: PendingPush): Promise<Pushed> {
    try {
      const done = await write(id, { view, rows, to: 'both' })
      await removePush(tables(), id)
      return done
    } catch (error) {
      // What can pass stays, for the next start.
      if (isRefusal(error)) await removePush(tables(), id)
      throw error
    }
  }

  function inTurn<Result>(view: string, work: () => Promise<Result>): Promise<Result> {
    const run = (queues.get(view) ?? Promise.resolve()).then(work)
    queues.set(
      view,
      run.catch(() => undefined),
    )
    return run
  }

  return {
    async push(input: PushInput): Promise<Pushed> {
      const now = deps.clock.now()
      const id = newId('push', now)
      if (input.to !== 'both') return inTurn(input.view, () => write(id, input))
      // What is noted can be written: rows that are not valid never come into the journal.
      await prepare(input)
      return inTurn(input.view, async () => {
        const pending = { id, view: input.view, rows: input.rows }
        await addPush(tables(), pending, now)
        return finish(pending)
      })
    },

    /** Goes on with pushes to both stores that a crash came between; returns those that were refused, and why. */
    async resume(): Promise<ResumedPushes> {
      const refused: ResumedPushes = []
      for (const push of await listPushes(tables())) {
        try {
          await inTurn(push.view, () => finish(push))
        } catch (error) {
          if (!isRefusal(error)) throw error
          refused.push({ push, error })
        }
      }
      return refused
    },
  }
}

/** What the lake cannot compute of rows, such as a derived column, is the fault of the rows. */
async function reading<Result>(view: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isPlatformError(error) || error.code !== 'lake.query_failed') throw error
    throw fail('feature.push_refused', { view, reason: String(error.details.reason) }, error)
  }
}

/** An error that repeating would not change. */
function isRefusal(error: unknown): error is PlatformError {
  return isPlatformError(error) && !error.retryable && error.status < 500
}
