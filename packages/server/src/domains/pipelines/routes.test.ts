import { fastify } from 'fastify'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sendError } from '../../http/errors.ts'
import { validatorCompiler } from '../../http/validation.ts'
import type { TaskContext } from '../../ports/executor.ts'
import { pipelineRoutes } from './routes.ts'
import type { PipelineService } from './service.ts'
import { createTestBed, ended, node, pipeline, type TestBed, work } from './testing/control-plane.ts'
import { createScriptedExecutor } from './testing/scripted-executor.ts'

describe('pipeline routes', () => {
  let bed: TestBed
  let service: PipelineService
  let app: ReturnType<typeof fastify>
  let behave: (payload: unknown, context: TaskContext) => unknown

  beforeEach(async () => {
    behave = work
    bed = await createTestBed(
      createScriptedExecutor(async (payload, context) => {
        context.log('hello')
        return behave(payload, context)
      }),
    )
    service = bed.createService()
    app = fastify()
    app.setValidatorCompiler(validatorCompiler)
    app.setErrorHandler(sendError)
    await app.register(pipelineRoutes(service))
    bed.define(
      pipeline(
        [
          node('a', { inputs: { a: { param: 'n' } } }),
          node('b', { inputs: { a: { node: 'a', output: 'sum' } } }),
        ],
        {
          n: { type: 'int64' },
        },
      ),
    )
  })
  afterEach(async () => {
    await app.close()
    await bed.close()
  })

  const call = async (method: 'GET' | 'POST', url: string, payload?: object) => {
    const response = await app.inject({ method, url, payload })
    return { status: response.statusCode, body: response.json() }
  }
  const start = (params: object, more: object = {}) =>
    call('POST', '/v1/pipelines/p/runs', { params, ...more })

  it('starts, lists and shows runs', async () => {
    const { status, body } = await start({ n: 1 }, { requestId: 'r', reason: 'try' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ state: 'running', params: { n: 1 }, reason: 'try', requestId: 'r' })
    await ended(service, body.id)
    expect((await start({ n: 1 }, { requestId: 'r' })).body.id).toBe(body.id)
    const shown = await call('GET', `/v1/pipeline-runs/${body.id}`)
    expect(shown.body).toEqual(JSON.parse(JSON.stringify(await service.getRun(body.id))))
    expect(shown.body.steps[1].outputs).toEqual({ sum: 3 })
    const listed = await call('GET', '/v1/pipeline-runs?pipeline=p&state=succeeded&limit=1')
    expect(listed.body.items.map((run: { id: string }) => run.id)).toEqual([body.id])
    const log = await call('GET', `/v1/pipeline-runs/${body.id}/logs?after=1`)
    expect(log.body.items).toMatchObject([{ offset: 2, node: 'b', line: 'hello' }])
  })

  it('answers wrong requests with what is wrong', async () => {
    expect(await start({})).toMatchObject({ status: 400, body: { error_code: 'pipeline.params_invalid' } })
    expect(await start({ n: 1 }, { extra: 1 })).toMatchObject({ status: 400 })
    expect(await call('POST', '/v1/pipelines/q/runs', {})).toMatchObject({ status: 404 })
    for (const path of ['', '/logs', '/events']) {
      expect(await call('GET', `/v1/pipeline-runs/none${path}`)).toMatchObject({
        status: 404,
        body: { error_code: 'pipeline.run_not_found' },
      })
    }
    expect((await call('GET', '/v1/pipeline-runs?state=odd')).status).toBe(400)
    expect((await call('GET', '/v1/pipeline-runs?pageToken=odd')).status).toBe(400)
  })

  it('cancels and retries', async () => {
    behave = () => new Promise(() => {})
    const { body } = await start({ n: 1 })
    const url = `/v1/pipeline-runs/${body.id}`
    expect((await call('POST', `${url}/retry`)).status).toBe(409)
    expect((await call('POST', `${url}/cancel`)).body.cancelRequested).toBe(true)
    expect(await ended(service, body.id)).toBe('cancelled')
    behave = work
    expect((await call('POST', `${url}/retry`)).body.state).toBe('running')
    expect(await ended(service, body.id)).toBe('succeeded')
    expect((await call('POST', `${url}/cancel`)).body.error_code).toBe('pipeline.run_state')
  })

  it('streams the changes of a run until it ends', async () => {
    const { promise: watched, resolve: go } = Promise.withResolvers<void>()
    behave = async (payload, context) => {
      await watched
      context.progress({ fraction: 0.5, message: 'half' })
      return work(payload)
    }
    const { body } = await start({ n: 1 })
    const streaming = app.inject(`/v1/pipeline-runs/${body.id}/events`)
    await new Promise((resolve) => setImmediate(resolve))
    go()
    const response = await streaming
    expect(response.headers['content-type']).toBe('text/event-stream')
    const events = String(response.body)
      .trim()
      .split('\n\n')
      .map((block) => block.split('\n'))
      .map(([event, data]) => ({
        event: event?.slice('event: '.length),
        data: JSON.parse(data?.slice('data: '.length) ?? ''),
      }))
    expect(events[0]).toMatchObject({ event: 'snapshot', data: { id: body.id } })
    expect(events.filter((e) => e.event === 'progress')).toHaveLength(2)
    expect(events.filter((e) => e.event === 'step' && e.data.state === 'succeeded')).toHaveLength(2)
    expect(events.at(-1)).toMatchObject({ event: 'run', data: { state: 'succeeded' } })
    const late = await app.inject(`/v1/pipeline-runs/${body.id}/events`)
    expect(late.body).toMatch(/^event: snapshot\n.*\n\n$/)
  })

  it('ends streams when the server stops', async () => {
    behave = () => new Promise(() => {})
    const { body } = await start({ n: 1 })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const response = await fetch(`${url}/v1/pipeline-runs/${body.id}/events`)
    const [text] = await Promise.all([response.text(), app.close()])
    expect(text).toContain('event: snapshot')
  })
})
