import type { Migration } from '../ports/database.ts'

/** Up to when the scheduled times of each pipeline were seen to. */
export const pipelineSchedulesMigration: Migration = {
  id: '0032-pipeline-schedules',
  async up(db) {
    await db.schema
      .createTable('pipeline_schedules')
      .addColumn('pipeline', 'text', (c) => c.primaryKey())
      .addColumn('times', 'text', (c) => c.notNull())
      .addColumn('handled_until', 'bigint', (c) => c.notNull())
      .execute()
  },
}
