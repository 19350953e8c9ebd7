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

type Row = ScheduleTables['pipeline_schedules']

export async function findSchedule(db: Kysely<ScheduleTables>, pipeline: string): Promise<Row | undefined> {
  return db.selectFrom('pipeline_schedules').selectAll().where('pipeline', '=', pipeline).executeTakeFirst()
}

export async function storeSchedule(db: Kysely<ScheduleTables>, row: Row): Promise<void> {
  const { times, handled_until } = row
  await db
    .insertInto('pipeline_schedules')
    .values(row)
    .onConflict((conflict) => conflict.column('pipeline').doUpdateSet({ times, handled_until }))
    .execute()
}
