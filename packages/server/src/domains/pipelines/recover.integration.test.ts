import fc from 'fast-check'
import type { Kysely } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Database } from '../../ports/database.ts'
import type { StepTask } from './runner.ts'
import type { PipelineService } from './service.ts'
import { createTestBed, ended, node, pipeline, work } from './testing/control-plane.ts'
import { createScriptedExecutor } from './testing/scripted-executor.ts'

/** A database that is gone for its user after some transactions: before the last one commits, or just after. */
function mortal(db: Database, life: { transactions: number; commitsLast: boolean }) {
  const { promise: died, resolve } = Promise.withResolvers<void>()
  let left = life.transactions
  const never = new Promise<never>(() => {})
  const database: Database = {
    ...db,
    tables<Tables>(): Kysely<Tables> {
      if (left <= 0) throw new Error('the process is dead')
      return db.tables<Tables>()
    },
    async transaction<Tables, Result>(body: (trx: Kysely<Tables>) => Promise<Result>): Promise<Result> {
      if (left <= 0) return never
      left--
      if (left > 0) return db.transaction(body)
      if (life.commitsLast) await db.transaction(body)
      resolve()
      return never
    },
  }
  return { database, died }
}

/** Node i uses any of the earlier ones; node 0 is followed by a condition that holds. */
const graphs = fc.array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 2, maxLength: 7 }).map((uses) =>
  pipeline(
    uses.map((picks, i) => {
      const earlier = i === 0 ? [] : picks.map((pick) => `n${pick % i}`)
      const inputs = Object.fromEntries(
        earlier.map((id, k) => [k === 0 ? 'a' : 'b', { node: id, output: 'sum' }]),
      )
      return node(`n${i}`, {
        inputs: { ...inputs, flag: { const: true } },
        when: i > 0 && i % 3 === 0 ? [{ node: 'n0', output: 'flag' }] : [],
        retries: i % 2,
      })
    }),
  ),
)
const lives = fc.array(
  fc.record({ transactions: fc.integer({ min: 1, max: 25 }), commitsLast: fc.boolean() }),
  { minLength: 1, maxLength: 4 },
)

describe('crash recovery', () => {
  it('repeats no finished step, wherever the control plane dies', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs,
        lives,
        fc.integer({ min: 1, max: 3 }),
        async (definition, crashes, concurrency) => {
          const runningNow = new Set<string>()
          const begun: string[] = []
          const executor = createScriptedExecutor(async (payload, context) => {
            const task = payload as StepTask
            begun.push(task.node)
            expect(runningNow, `${task.node} runs twice at once`).not.toContain(task.node)
            runningNow.add(task.node)
            context.signal.addEventListener('abort', () => runningNow.delete(task.node))
            context.log('at work')
            for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
            runningNow.delete(task.node)
            return work(task)
          })
          const bed = await createTestBed(executor)
          try {
            bed.define(definition)
            const starter = bed.createService({ concurrency: 0 })
            const { id } = await starter.start({ pipeline: 'p', params: {}, startedBy: 'test' })
            const finishedBefore = new Map<string, number>()
            const noteFinished = async (service: PipelineService) => {
              for (const step of (await service.getRun(id)).steps) {
                if (step.state !== 'succeeded' || finishedBefore.has(step.node)) continue
                finishedBefore.set(step.node, begun.filter((n) => n === step.node).length)
              }
            }
            for (const life of crashes) {
              const { database, died } = mortal(bed.db, life)
              const doomed = bed.createService({ db: database, concurrency })
              void doomed.resumeAll().catch(() => {})
              await Promise.race([died, ended(doomed, id).catch(() => died)])
              await noteFinished(starter)
            }
            const last = bed.createService({ concurrency })
            await last.resumeAll()
            expect(await ended(last, id)).toBe('succeeded')
            for (const [name, times] of finishedBefore) {
              expect(begun.filter((n) => n === name).length, `${name} was repeated`).toBe(times)
            }
            const { steps } = await last.getRun(id)
            for (const step of steps) {
              expect(step.attempts.filter((a) => a.state === 'succeeded')).toHaveLength(1)
              expect(step.attempts.filter((a) => a.state === 'running' || a.state === 'failed')).toEqual([])
            }
          } finally {
            // The dead planes never answer, so they are not stopped.
            await bed.drop()
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  it('refuses the result of an attempt that was taken over, and ends its task first', async () => {
    const finish: (() => void)[] = []
    const executor = createScriptedExecutor(async (payload) => {
      await new Promise<void>((resolve) => finish.push(resolve))
      return work(payload)
    })
    const bed = await createTestBed(executor)
    bed.define(pipeline([node('a')]))
    const stalled = bed.createService()
    const { id } = await stalled.start({ pipeline: 'p', params: {}, startedBy: 'test' })
    await expect.poll(() => finish.length, { interval: 2 }).toBe(1)
    const next = bed.createService()
    await next.resumeAll()
    await expect.poll(() => finish.length, { interval: 2 }).toBe(2)
    expect(executor.runningTasks()).toEqual([`${id}/a/2`])
    finish[0]?.()
    finish[1]?.()
    expect(await ended(next, id)).toBe('succeeded')
    const [step] = (await next.getRun(id)).steps
    expect(step?.attempts.map((a) => a.state)).toEqual(['lost', 'succeeded'])
    await bed.close()
  })

  it('goes on with a cancellation that was not finished', async () => {
    const executor = createScriptedExecutor(() => new Promise(() => {}))
    const bed = await createTestBed(executor)
    bed.define(pipeline([node('a'), node('b')]))
    const { database } = mortal(bed.db, { transactions: 3, commitsLast: true })
    const first = bed.createService({ db: database })
    const { id } = await first.start({ pipeline: 'p', params: {}, startedBy: 'test' })
    await expect.poll(() => executor.runningTasks().length, { interval: 2 }).toBe(2)
    void first.cancel(id)
    const next = bed.createService()
    await expect.poll(async () => (await next.getRun(id)).cancelRequested, { interval: 2 }).toBe(true)
    await next.resumeAll()
    expect(await ended(next, id)).toBe('cancelled')
    expect(executor.runningTasks()).toEqual([])
    await bed.drop()
  })

  it('tells of an end that nobody was told of', async () => {
    const executor = createScriptedExecutor(async (payload) => work(payload))
    const bed = await createTestBed(executor)
    bed.define(pipeline([node('a')]))
    const first = bed.createService()
    first.events.on('runFinished', () => {
      throw new Error('the listener died')
    })
    const { id } = await first.start({ pipeline: 'p', params: {}, startedBy: 'test', requestId: 'r' })
    await ended(first, id)
    await first.stop()
    const next = bed.createService()
    const told: unknown[] = []
    next.events.on('runFinished', (event) => void told.push(event))
    await next.resumeAll()
    await next.resumeAll()
    expect(told).toEqual([{ run: id, pipeline: 'p', state: 'succeeded', reason: null, requestId: 'r' }])
    await bed.close()
  })
})
