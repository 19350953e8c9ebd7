import type { Kysely } from 'kysely'

export interface ScheduleTables {
  pipeline_schedules: {
    pipeline: string
    /** Time zone and cron expression. */
    times: string
    /** All that was due up to then was started. Milliseconds. */
    handled_until: number
  }
}

type Db = Kysely<ScheduleTables>
export type ScheduleRow = ScheduleTables['pipeline_schedules']

export async function listSchedules(db: Db): Promise<ScheduleRow[]> {
  return db.selectFrom('pipeline_schedules').selectAll().execute()
}

/** Notes a schedule that is new, or has other times. */
export async function declareSchedule(db: Db, row: ScheduleRow): Promise<void> {
  const { times, handled_until } = row
  await db
    .insertInto('pipeline_schedules')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('pipeline')
        .doUpdateSet({ times, handled_until })
        .where('pipeline_schedules.times', '!=', times),
    )
    .execute()
}

/** Another server may be further, or know other times by now: that stays. */
export async function advanceSchedule(
  db: Db,
  { pipeline, times, handled_until }: ScheduleRow,
): Promise<void> {
  await db
    .updateTable('pipeline_schedules')
    .set({ handled_until })
    .where('pipeline', '=', pipeline)
    .where('times', '=', times)
    .where('handled_until', '<', handled_until)
    .execute()
}

export async function forgetSchedules(db: Db, pipelines: readonly string[]): Promise<void> {
  if (pipelines.length === 0) return
  await db.deleteFrom('pipeline_schedules').where('pipeline', 'in', pipelines).execute()
}
