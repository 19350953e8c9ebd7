import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TaskContext } from '../../ports/executor.ts'
import type { StepTask } from './runner.ts'
import type { PipelineService } from './service.ts'
import {
  createTestBed,
  ended,
  node,
  pipeline,
  statesOf,
  type TestBed,
  work,
} from './testing/control-plane.ts'
import { createScriptedExecutor } from './testing/scripted-executor.ts'

const patiently = { timeout: 10_000, interval: 2 }
const output = (id: string, name = 'sum') => ({ node: id, output: name })

describe('pipeline service', () => {
  let bed: TestBed
  let service: PipelineService
  let started: string[]
  let behave: (task: StepTask, context: TaskContext) => unknown

  beforeEach(async () => {
    started = []
    behave = (task) => work(task)
    const executor = createScriptedExecutor(async (payload, context) => {
      const task = payload as StepTask
      started.push(task.node)
      return behave(task, context)
    })
    bed = await createTestBed(executor)
    service = bed.createService()
  })
  afterEach(() => bed.close())

  const start = (more: Partial<Parameters<PipelineService['start']>[0]> = {}) =>
    service.start({ pipeline: 'p', params: {}, startedBy: 'test', ...more })
  const diamond = () =>
    pipeline([
      node('a'),
      node('b', { inputs: { a: output('a') } }),
      node('c', { inputs: { a: output('a'), b: { const: 10 } } }),
      node('d', { inputs: { a: output('b'), b: output('c') } }),
    ])

  it('carries outputs along a chain and parameters into it', async () => {
    bed.define(
      pipeline(
        [
          node('a', { inputs: { a: { param: 'n' }, at: { param: 'until' } } }),
          node('b', { inputs: { a: output('a') } }),
        ],
        { n: { type: 'int64', default: 5 }, until: { type: 'timestamp' } },
      ),
    )
    const seen: unknown[] = []
    behave = (task) => {
      seen.push(task.inputs)
      return work(task)
    }
    const run = await start({ params: { until: '2024-05-01' }, reason: 'because' })
    expect(run).toMatchObject({ state: 'running', params: { n: 5, until: Date.UTC(2024, 4, 1) } })
    expect(await ended(service, run.id)).toBe('succeeded')
    expect(seen).toEqual([{ a: 5, at: Date.UTC(2024, 4, 1) }, { a: 6 }])
    const { steps } = await service.getRun(run.id)
    expect(steps.map((s) => s.outputs)).toEqual([{ sum: 6 }, { sum: 7 }])
    expect(steps[1]).toMatchObject({ needs: ['a'], attempt: 1, attempts: [{ state: 'succeeded' }] })
    expect(bed.audit.map((e) => e.type)).toEqual(['pipeline.started', 'pipeline.finished'])
    expect(bed.audit[1]?.data).toMatchObject({ run: run.id, state: 'succeeded', reason: 'because' })
  })

  it('runs a diamond with at most as many steps at once as it may', async () => {
    let now = 0
    let most = 0
    const together = Promise.withResolvers<void>()
    behave = async (task) => {
      most = Math.max(most, ++now)
      if (now === 2) together.resolve()
      await together.promise
      await new Promise((resolve) => setImmediate(resolve))
      now--
      return work(task)
    }
    bed.define(pipeline([...diamond().nodes, node('e'), node('f'), node('g')]))
    const run = await start()
    expect(await ended(service, run.id)).toBe('succeeded')
    expect(most).toBe(2)
    expect((await service.getRun(run.id)).steps[3]?.outputs).toEqual({ sum: 2 + 12 + 1 })
  })

  it('skips what a condition rules out and all that needs it, and still succeeds', async () => {
    bed.define(
      pipeline([
        node('gate', { inputs: { flag: { const: false } } }),
        node('release', { when: [output('gate', 'flag')] }),
        node('after', { inputs: { a: output('release') } }),
        node('open', { inputs: { flag: { const: true } } }),
        node('other', { when: [output('open', 'flag')] }),
      ]),
    )
    const run = await start()
    expect(await ended(service, run.id)).toBe('succeeded')
    expect(await statesOf(service, run.id)).toEqual({
      gate: 'succeeded',
      release: 'skipped',
      after: 'skipped',
      open: 'succeeded',
      other: 'succeeded',
    })
    expect((await service.getRun(run.id)).steps.map((s) => s.skipped)).toEqual([
      null,
      '"gate.flag" is not true',
      '"release" skipped',
      null,
      null,
    ])
  })

  it('lets independent nodes finish when one fails', async () => {
    behave = (task) => {
      if (task.node === 'b') throw new Error('broken')
      return work(task)
    }
    bed.define(diamond())
    const finished = vi.fn()
    service.events.on('runFinished', finished)
    const run = await start()
    expect(await ended(service, run.id)).toBe('failed')
    expect(await statesOf(service, run.id)).toEqual({
      a: 'succeeded',
      b: 'failed',
      c: 'succeeded',
      d: 'skipped',
    })
    expect((await service.getRun(run.id)).steps[1]?.error).toMatchObject({ code: 'step.failed' })
    await vi.waitFor(() => expect(finished).toHaveBeenCalledOnce(), patiently)
  })

  it('refuses outputs that are not what the step declares', async () => {
    behave = () => ({ sum: 'many' })
    bed.define(pipeline([node('a')]))
    const run = await start()
    expect(await ended(service, run.id)).toBe('failed')
    expect((await service.getRun(run.id)).steps[0]?.error?.message).toBe(
      'Output "sum" of the step is not valid: expected a whole number, got "many"',
    )
  })

  it('tries again what may pass, after a growing wait, and no more often than allowed', async () => {
    behave = () => {
      throw new Error('not yet')
    }
    bed.define(pipeline([node('a', { retries: 2 })]))
    const run = await start()
    const attempts = async () => (await service.getRun(run.id)).steps[0]
    const waitsFor = (attempt: number) =>
      vi.waitFor(async () => expect(await attempts()).toMatchObject({ attempt, state: 'pending' }), patiently)
    await waitsFor(1)
    bed.advance(999)
    await vi.waitFor(() => expect(started).toHaveLength(1), patiently)
    bed.advance(1)
    await waitsFor(2)
    expect((await attempts())?.retryAt).toBe(bed.clock.now() + 2000)
    behave = (task) => work(task)
    bed.advance(2000)
    expect(await ended(service, run.id)).toBe('succeeded')
    expect((await attempts())?.attempts.map((a) => a.state)).toEqual(['failed', 'failed', 'succeeded'])
  })

  it('does not try again what cannot pass', async () => {
    const { fail } = await import('@millrace/protocol')
    behave = () => {
      throw fail('object.not_found', { key: 'x' })
    }
    bed.define(pipeline([node('a', { retries: 5 })]))
    const run = await start()
    expect(await ended(service, run.id)).toBe('failed')
    expect(started).toEqual(['a'])
  })

  it('cancels: stops what runs, does not begin the rest, and can be repeated', async () => {
    behave = () => new Promise(() => {})
    bed.define(diamond())
    const run = await start()
    await vi.waitFor(() => expect(started).toEqual(['a']), patiently)
    expect(await service.cancel(run.id)).toMatchObject({ cancelRequested: true })
    expect(await ended(service, run.id)).toBe('cancelled')
    expect(Object.values(await statesOf(service, run.id))).toEqual(Array(4).fill('cancelled'))
    expect((await service.cancel(run.id)).state).toBe('cancelled')
  })

  it('retries a run from what failed and keeps the rest', async () => {
    behave = (task) => {
      if (task.node === 'c') throw new Error('broken')
      return work(task)
    }
    bed.define(diamond())
    const run = await start()
    expect(await ended(service, run.id)).toBe('failed')
    await expect(service.cancel(run.id)).rejects.toMatchObject({ code: 'pipeline.run_state' })
    started = []
    behave = (task) => work(task)
    bed.define(pipeline([node('other')]))
    await service.retry(run.id)
    expect(await ended(service, run.id)).toBe('succeeded')
    expect(started).toEqual(['c', 'd'])
    await expect(service.retry(run.id)).rejects.toMatchObject({ code: 'pipeline.run_state' })
  })

  it('starts once per request id', async () => {
    bed.define(pipeline([node('a')], { n: { type: 'int64', default: 1 } }))
    const [one, two] = await Promise.all([start({ requestId: 'r' }), start({ requestId: 'r' })])
    expect(two.id).toBe(one.id)
    await ended(service, one.id)
    expect((await start({ requestId: 'r', params: { n: 1 } })).id).toBe(one.id)
    await expect(start({ requestId: 'r', params: { n: 2 } })).rejects.toMatchObject({
      code: 'pipeline.request_conflict',
    })
    expect(started).toEqual(['a'])
    expect((await service.listRuns({})).items).toHaveLength(1)
  })

  it('writes nothing for parameters that are wrong', async () => {
    bed.define(pipeline([node('a')], { until: { type: 'timestamp' } }))
    for (const params of [{}, { until: 'soon' }, { until: 1, other: 2 }]) {
      await expect(start({ params })).rejects.toMatchObject({ code: 'pipeline.params_invalid' })
    }
    await expect(start({ pipeline: 'q' })).rejects.toMatchObject({ code: 'definition.not_found' })
    expect((await service.listRuns({})).items).toEqual([])
    expect(bed.audit).toEqual([])
  })

  it('keeps what steps say', async () => {
    behave = (task, context) => {
      for (let i = 0; i < 400; i++) context.log(`${task.node} ${i}`)
      context.progress({ fraction: 0.1, message: 'begun' })
      context.progress({ fraction: 1, message: 'done' })
      return work(task)
    }
    bed.define(pipeline([node('a'), node('b', { inputs: { a: output('a') } })]))
    const run = await start()
    await ended(service, run.id)
    expect((await service.getRun(run.id)).steps[0]?.progress).toEqual({ fraction: 1, message: 'done' })
    const lines = await service.readLog(run.id, { after: 0 })
    expect(lines.map((l) => l.offset)).toEqual(Array.from({ length: 800 }, (_, i) => i + 1))
    expect(lines[400]).toMatchObject({ node: 'b', attempt: 1, line: 'b 0' })
    expect(await service.readLog(run.id, { after: 798 })).toHaveLength(2)
  })

  it('pages runs, newest first', async () => {
    bed.define(pipeline([node('a')]))
    const ids: string[] = []
    for (let i = 0; i < 5; i++) {
      bed.clock.advance(1)
      ids.unshift((await start()).id)
    }
    for (const id of ids) await ended(service, id)
    const first = await service.listRuns({ pipeline: 'p', state: 'succeeded', limit: 3 })
    const second = await service.listRuns({ limit: 3, pageToken: first.nextPageToken })
    expect([...first.items, ...second.items].map((run) => run.id)).toEqual(ids)
    expect(second.nextPageToken).toBeUndefined()
    expect((await service.listRuns({ state: 'failed' })).items).toEqual([])
    await expect(service.getRun('none')).rejects.toMatchObject({ code: 'pipeline.run_not_found' })
  })

  it('starts steps again with the next control plane after a stop, without counting it as a failure', async () => {
    behave = () => new Promise(() => {})
    bed.define(pipeline([node('a')]))
    const run = await start()
    await vi.waitFor(() => expect(started).toEqual(['a']), patiently)
    await service.stop()
    expect((await service.getRun(run.id)).steps[0]).toMatchObject({
      state: 'pending',
      attempts: [{ state: 'lost' }],
    })
    behave = (task) => work(task)
    const next = bed.createService()
    await next.resumeAll()
    expect(await ended(next, run.id)).toBe('succeeded')
    expect(started).toEqual(['a', 'a'])
  })
})
