import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PipelineSchedule } from '@millrace/protocol'
import { Type } from 'typebox'
import type { Scheduler } from './scheduler.ts'

const ScheduledPipelineSchema = Type.Object({
  pipeline: Type.String(),
  schedule: PipelineSchedule,
  next: Type.Union([Type.Integer(), Type.Null()]),
})

export function scheduleRoutes(scheduler: Pick<Scheduler, 'list'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/v1/pipeline-schedules',
      {
        schema: {
          tags: ['Pipelines'],
          summary: 'Pipelines that start at times, and when next',
          response: { 200: Type.Object({ items: Type.Array(ScheduledPipelineSchema) }) },
        },
      },
      async () => ({ items: await scheduler.list() }),
    )
  }
}
