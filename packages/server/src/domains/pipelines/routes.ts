import type { ServerResponse } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RunChange } from './orchestrator.ts'
import type { PipelineService } from './service.ts'

const tags = ['Pipelines']
const idParams = Type.Object({ id: Type.String({ maxLength: 128 }) })
const json = Type.Record(Type.String(), Type.Unknown())
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

const RunStateSchema = Type.Union([
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
])
const ErrorSchema = Type.Object({ code: Type.String(), message: Type.String(), retryable: Type.Boolean() })
const runFields = {
  id: Type.String(),
  pipeline: Type.String(),
  definitionVersion: Type.String(),
  params: json,
  state: RunStateSchema,
  reason: nullable(Type.String()),
  startedBy: Type.String(),
  requestId: nullable(Type.String()),
  cancelRequested: Type.Boolean(),
  startedAt: Type.Integer(),
  finishedAt: nullable(Type.Integer()),
}
const RunSchema = Type.Object(runFields)
const AttemptSchema = Type.Object({
  attempt: Type.Integer(),
  state: Type.String(),
  startedAt: Type.Integer(),
  finishedAt: nullable(Type.Integer()),
  error: nullable(ErrorSchema),
})
const StepSchema = Type.Object({
  node: Type.String(),
  step: Type.String(),
  state: Type.String(),
  attempt: Type.Integer(),
  startedAt: nullable(Type.Integer()),
  finishedAt: nullable(Type.Integer()),
  retryAt: nullable(Type.Integer()),
  progress: nullable(Type.Object({ fraction: Type.Optional(Type.Number()), message: Type.String() })),
  outputs: nullable(json),
  error: nullable(ErrorSchema),
  skipped: nullable(Type.String()),
  needs: Type.Array(Type.String()),
  attempts: Type.Array(AttemptSchema),
})
const LogLineSchema = Type.Object({
  offset: Type.Integer(),
  node: Type.String(),
  attempt: Type.Integer(),
  at: Type.Integer(),
  line: Type.String(),
})

/** Routes to start, follow and end runs of pipelines. */
export function pipelineRoutes(pipelines: PipelineService): FastifyPluginAsyncTypebox {
  return async (app) => {
    const streams = new Set<ServerResponse>()
    // A stream is no idle connection: without this, a server that stops would wait for the end of the runs.
    app.addHook('preClose', async () => {
      for (const stream of streams) stream.end()
    })
    app.post(
      '/v1/pipelines/:name/runs',
      {
        schema: {
          tags,
          summary: 'Start a run; with a request id that was used before, get that run',
          params: Type.Object({ name: Type.String({ maxLength: 128 }) }),
          body: Type.Object(
            {
              params: Type.Optional(json),
              requestId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
              reason: Type.Optional(Type.String({ maxLength: 10_000 })),
            },
            { additionalProperties: false },
          ),
          response: { 200: RunSchema },
        },
      },
      (request) => {
        const { params = {}, requestId, reason } = request.body
        return pipelines.start({
          pipeline: request.params.name,
          params,
          requestId,
          reason,
          startedBy: 'api',
        })
      },
    )
    app.get(
      '/v1/pipeline-runs',
      {
        schema: {
          tags,
          summary: 'Runs, newest first',
          querystring: Type.Object({
            pipeline: Type.Optional(Type.String({ maxLength: 128 })),
            state: Type.Optional(RunStateSchema),
            pageToken: Type.Optional(Type.String({ pattern: '^pr_[0-9a-z]{1,64}$' })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          }),
          response: {
            200: Type.Object({ items: Type.Array(RunSchema), nextPageToken: Type.Optional(Type.String()) }),
          },
        },
      },
      (request) => pipelines.listRuns(request.query),
    )
    app.get(
      '/v1/pipeline-runs/:id',
      {
        schema: {
          tags,
          summary: 'A run with its steps: states, times, progress, outputs, errors',
          params: idParams,
          response: { 200: Type.Object({ ...runFields, steps: Type.Array(StepSchema) }) },
        },
      },
      (request) => pipelines.getRun(request.params.id),
    )
    app.post(
      '/v1/pipeline-runs/:id/cancel',
      { schema: { tags, summary: 'Cancel a run', params: idParams, response: { 200: RunSchema } } },
      (request) => pipelines.cancel(request.params.id),
    )
    app.post(
      '/v1/pipeline-runs/:id/retry',
      {
        schema: {
          tags,
          summary: 'Go on with a failed or cancelled run; finished steps are kept',
          params: idParams,
          response: { 200: RunSchema },
        },
      },
      (request) => pipelines.retry(request.params.id),
    )
    app.get(
      '/v1/pipeline-runs/:id/logs',
      {
        schema: {
          tags,
          summary: 'What the steps have printed, after an offset',
          params: idParams,
          querystring: Type.Object({
            after: Type.Integer({ minimum: 0, default: 0 }),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
          }),
          response: { 200: Type.Object({ items: Type.Array(LogLineSchema) }) },
        },
      },
      async (request) => ({ items: await pipelines.readLog(request.params.id, request.query) }),
    )
    app.get(
      '/v1/pipeline-runs/:id/events',
      {
        schema: {
          tags,
          summary:
            'Server-sent events: `snapshot` (the run), then `step`, `progress`, `run`; ends with the run',
          params: idParams,
        },
      },
      async (request, reply) => {
        const { id } = request.params
        const early: RunChange[] = []
        let send = (change: RunChange) => void early.push(change)
        const unsubscribe = pipelines.subscribe(id, (change) => send(change))
        // Subscribed before it is read, so that no change falls in between.
        const snapshot = await pipelines.getRun(id).catch((error) => {
          unsubscribe()
          throw error
        })
        reply.hijack()
        const response = reply.raw
        streams.add(response)
        response.on('close', () => {
          streams.delete(response)
          unsubscribe()
        })
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
        const write = (event: string, data: unknown) =>
          response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
        write('snapshot', snapshot)
        send = (change) => {
          if (response.writableEnded) return
          write(change.type, change)
          if (change.type === 'run') response.end()
        }
        for (const change of early) send(change)
        if (snapshot.state !== 'running' && !response.writableEnded) response.end()
      },
    )
  }
}
