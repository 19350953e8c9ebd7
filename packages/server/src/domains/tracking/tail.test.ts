import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { followRun, type RunEvent } from './tail.ts'
import { createTemporaryTracking } from './testing/temporary-tracking.ts'

let stack: Awaited<ReturnType<typeof createTemporaryTracking>>

beforeAll(async () => {
  stack = await createTemporaryTracking()
})
afterAll(() => stack.close())

/** Follows a run; instead of time passing, the next of `steps` is done between two looks. */
async function follow(run: string, steps: (() => Promise<unknown> | undefined)[]): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  const leave = new AbortController()
  const wait = async () => {
    const step = steps.shift()
    if (step) await step()
    else leave.abort()
  }
  for await (const event of followRun(stack.tracking, run, { signal: leave.signal, wait })) events.push(event)
  return events
}

const metric = (key: string, value: number, step: number) => ({ key, value, at: 1, step })

describe('followRun', () => {
  it('tells what is there, then what changes, until the run ends', async () => {
    const { tracking } = stack
    const run = await stack.newRun()
    await tracking.logBatch({ run, metrics: [metric('a', 1, 0), metric('b', 1, 0)] })
    const events = await follow(run, [
      () => tracking.logBatch({ run, metrics: [metric('a', Number.NaN, 1)] }),
      () => undefined,
      () => tracking.updateRun(run, { name: 'renamed' }),
      async () => {
        await tracking.logBatch({ run, metrics: [metric('b', 3, 2)] })
        await tracking.finishRun(run, 'FINISHED')
      },
    ])
    expect(events).toMatchObject([
      { event: 'metrics', data: [metric('a', 1, 0), metric('b', 1, 0)] },
      { event: 'run', data: { id: run, status: 'RUNNING' } },
      { event: 'metrics', data: [{ key: 'a', value: 'NaN', points: 2 }] },
      { event: 'idle' },
      { event: 'run', data: { name: 'renamed' } },
      { event: 'metrics', data: [metric('b', 3, 2)] },
      { event: 'run', data: { status: 'FINISHED' } },
      { event: 'end', data: { status: 'FINISHED', lifecycleStage: 'active' } },
    ])
  })

  it('ends when the run is deleted, and when nobody listens any more', async () => {
    const run = await stack.newRun()
    expect((await follow(run, [])).map(({ event }) => event)).toEqual(['run'])
    const events = await follow(run, [() => stack.tracking.deleteRun(run)])
    expect(events.map(({ event }) => event)).toEqual(['run', 'run', 'end'])
  })

  it('refuses a run that does not exist', async () => {
    await expect(follow('none', [])).rejects.toMatchObject({ code: 'run.not_found' })
  })
})
