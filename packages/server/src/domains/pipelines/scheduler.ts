import type { PipelineSchedule } from '@millrace/protocol'
import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Database } from '../../ports/database.ts'
import type { EventStream } from '../../ports/event-stream.ts'
import type { DefinitionService } from '../definitions/index.ts'
import { nextTime, timesBetween } from './cron.ts'
import {
  advanceSchedule,
  declareSchedule,
  forgetSchedules,
  listSchedules,
  type ScheduleRow,
  type ScheduleTables,
} from './schedule-store.ts'
import type { PipelineService } from './service.ts'

export interface ScheduledPipeline {
  pipeline: string
  schedule: PipelineSchedule
  /** When it is due next; null if it never is again. Milliseconds. */
  next: number | null
}

export interface Scheduler {
  /** Starts what is due. Several servers may do it at once: a scheduled time has one run. */
  pass(): Promise<void>
  list(): Promise<ScheduledPipeline[]>
}

export interface SchedulerDeps {
  db: Database
  stream: EventStream
  clock: Clock
  logger: Pick<Logger, 'warn'>
  definitions: Pick<DefinitionService, 'list'>
  pipelines: Pick<PipelineService, 'start'>
}

/** So late a start is in time: a server looks every few seconds. */
const inTimeMs = 60_000
/** Missed times that are made up for, the newest ones. */
const mostMissed = 1000

/**
 * Starts pipelines at the times that they declare. What was due is told from a time kept in the database, up to which all was
 * started: a server that was down knows what it has missed, and one that dies between the start of a run and that note
 * starts it again under the same request id, which gives the first run.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { db, clock } = deps
  const tables = () => db.tables<ScheduleTables>()

  async function scheduled() {
    const pipelines = await deps.definitions.list('pipeline')
    return pipelines.flatMap((definition) =>
      definition.schedule ? [{ definition, schedule: definition.schedule }] : [],
    )
  }

  async function advance(
    pipeline: string,
    schedule: PipelineSchedule,
    known: ScheduleRow | undefined,
  ): Promise<void> {
    const now = clock.now()
    const key = `${schedule.timezone} ${schedule.cron}`
    // Times before it was declared are nobody's to make up for.
    if (known?.times !== key) return declareSchedule(tables(), { pipeline, times: key, handled_until: now })
    const limit = schedule.catchUp === 'all' ? mostMissed : 1
    const due = timesBetween(schedule, { after: known.handled_until, until: now, limit })
    for (const at of chosen(schedule, due, now)) {
      await start(pipeline, schedule, at)
      await advanceSchedule(tables(), { pipeline, times: key, handled_until: at })
    }
    const last = due.at(-1)
    if (last !== undefined) await advanceSchedule(tables(), { pipeline, times: key, handled_until: last })
  }

  async function start(pipeline: string, schedule: PipelineSchedule, at: number): Promise<void> {
    const time = new Date(at).toISOString()
    const offsets = Object.entries(schedule.params)
    try {
      await deps.pipelines.start({
        pipeline,
        params: Object.fromEntries(offsets.map(([name, { offsetMs }]) => [name, at + offsetMs])),
        requestId: `schedule/${pipeline}/${time}`,
        reason: `schedule of ${time}`,
        startedBy: 'schedule',
      })
    } catch (error) {
      const { message, code } = error as Error & { code?: string }
      // A database that fails now may answer later; what is wrong with the pipeline stays.
      if (code === undefined || !/^(pipeline|definition|step)\./.test(code)) throw error
      deps.logger.warn({ pipeline, at: time, error: message }, 'a scheduled run cannot be started')
      const data = { pipeline, scheduledAt: at, reason: message }
      await deps.stream.append('audit', [{ type: 'pipeline.schedule_failed', at: clock.now(), data }])
    }
  }

  return {
    async pass() {
      const known = new Map((await listSchedules(tables())).map((row) => [row.pipeline, row]))
      const now = await scheduled()
      // What is declared again later begins anew.
      const names = new Set(now.map(({ definition }) => definition.name))
      await forgetSchedules(
        tables(),
        [...known.keys()].filter((pipeline) => !names.has(pipeline)),
      )
      for (const { definition, schedule } of now) {
        try {
          await advance(definition.name, schedule, known.get(definition.name))
        } catch (error) {
          const { message } = error as Error
          deps.logger.warn(
            { pipeline: definition.name, error: message },
            'a schedule could not be looked at; trying again',
          )
        }
      }
    },
    async list() {
      const now = clock.now()
      return (await scheduled()).map(({ definition, schedule }) => ({
        pipeline: definition.name,
        schedule,
        next: nextTime(schedule, now) ?? null,
      }))
    },
  }
}

function chosen({ catchUp }: PipelineSchedule, due: readonly number[], now: number): readonly number[] {
  return catchUp === 'none' ? due.filter((at) => now - at <= inTimeMs) : due
}
