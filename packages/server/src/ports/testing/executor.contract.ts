import { existsSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Executor, Task, TaskHandle, TaskOutcome, TaskProgress } from '../executor.ts'
import type { ContractTask } from './executor-tasks.ts'

export interface ExecutorUnderTest {
  executor: Executor
  /** Starts a task from another process, gives that task's output lines, and can `kill -9` that process. */
  startElsewhere(task: { id: string; payload: ContractTask; timeoutMs: number }): {
    lines: string[]
    killParent(): void
  }
}

/** The specification of {@link Executor} as tests. Tasks run `runContractTask`; the grace time is 200 ms. */
export function executorContract(create: () => Promise<ExecutorUnderTest>): void {
  describe('executor contract', () => {
    let under: ExecutorUnderTest
    beforeEach(async () => {
      under = await create()
    })
    afterEach(() => under.executor.close())

    function start(payload: ContractTask, options: Partial<Task> = {}) {
      const seen = { lines: [] as string[], progress: [] as TaskProgress[], exits: [] as TaskOutcome[] }
      const { promise: exit, resolve } = Promise.withResolvers<TaskOutcome>()
      let reference = ''
      const handle: TaskHandle = under.executor.start(
        { id: 'task', payload, timeoutMs: 60_000, ...options },
        {
          onStart: async (given) => {
            reference = given
          },
          onProgress: (progress) => seen.progress.push(progress),
          onLog: (line) => seen.lines.push(line),
          onExit: (outcome) => {
            seen.exits.push(outcome)
            resolve(outcome)
          },
        },
      )
      return { ...seen, exit, handle, reference: () => reference }
    }

    it('gives the result of a task', async () => {
      const value = { a: [1, 'two', null, true] }
      expect(await start({ do: 'echo', value }).exit).toEqual({ state: 'succeeded', result: value })
    })

    it('runs several tasks at once', async () => {
      const tasks = [1, 2, 3].map((value) => start({ do: 'echo', value }).exit)
      expect((await Promise.all(tasks)).map((o) => o.state === 'succeeded' && o.result)).toEqual([1, 2, 3])
    })

    it('says that any error of a task may pass, except those of the catalogue that say they do not', async () => {
      const thrown = start({ do: 'throw', message: 'no luck' })
      expect(await thrown.exit).toEqual({
        state: 'failed',
        error: { code: 'step.failed', message: 'no luck', retryable: true },
      })
      expect(thrown.lines.join('\n')).toContain('Error: no luck')
      expect(await start({ do: 'refuse' }).exit).toMatchObject({
        error: { code: 'object.not_found', retryable: false },
      })
    })

    it('tells of a crash', async () => {
      for (const code of [0, 3]) {
        expect(await start({ do: 'exit', code }).exit).toMatchObject({
          state: 'failed',
          error: {
            code: 'step.crashed',
            retryable: true,
            message: expect.stringContaining(`exited with code ${code}`),
          },
        })
      }
    })

    it('bounds the memory of a task', async () => {
      expect(await start({ do: 'exhaust-memory' }, { memoryMb: 32 }).exit).toMatchObject({
        state: 'failed',
        error: {
          code: 'step.out_of_memory',
          retryable: false,
          message: expect.stringContaining('its 32 MB'),
        },
      })
    })

    it.each(['wait-for-abort', 'wait-for-ever', 'block'] as const)(
      'ends a task that is out of time: %s',
      async (what) => {
        expect(await start({ do: what }, { timeoutMs: 400 }).exit).toMatchObject({
          state: 'failed',
          error: { code: 'step.timed_out', retryable: true, message: expect.stringContaining('400 ms') },
        })
      },
    )

    it.each<ContractTask>([
      { do: 'wait-for-abort' },
      { do: 'wait-for-ever' },
      { do: 'block' },
      { do: 'start-process', thenBlock: false },
      { do: 'start-process', thenBlock: true },
    ])('cancels a task and all that it has started: %j', async (what) => {
      const task = start(what)
      const pids = await pidsIn(task.lines)
      task.handle.cancel()
      task.handle.cancel()
      expect(await task.exit).toEqual({ state: 'cancelled' })
      await allGone(pids)
    })

    it('can cancel a task that has hardly begun, and ignores a cancel that comes late', async () => {
      const early = start({ do: 'echo', value: 1 })
      early.handle.cancel()
      expect(await early.exit).toEqual({ state: 'cancelled' })
      const late = start({ do: 'echo', value: 1 })
      await late.exit
      late.handle.cancel()
      expect(late.exits).toHaveLength(1)
    })

    it('delivers progress and every line before the end', async () => {
      const task = start({ do: 'report' })
      await task.exit
      expect(task.progress).toEqual([{ fraction: 0.5, message: 'half' }])
      expect([...task.lines].sort()).toEqual(['no line end', 'printed', 'said'])
    })

    it('bounds the output of a task', async () => {
      const long = start({ do: 'print', lines: 1, length: 1_000_000 })
      await long.exit
      expect(long.lines).toHaveLength(1)
      expect(long.lines[0]?.length).toBeLessThan(10_000)
      const many = start({ do: 'print', lines: 50_000, length: 1 })
      await many.exit
      expect(many.lines.length).toBeLessThan(25_000)
      expect(many.lines.at(-1)).toContain('the rest is dropped')
    })

    it('passes nothing of our own environment', async () => {
      process.env.EXECUTOR_CONTRACT_SECRET = 'x'
      const outcome = await start({ do: 'environment' }).exit
      delete process.env.EXECUTOR_CONTRACT_SECRET
      expect(outcome).toMatchObject({ state: 'succeeded', result: { GIVEN: 'yes' } })
      expect(JSON.stringify(outcome)).not.toContain('EXECUTOR_CONTRACT_SECRET')
    })

    it('gives a task a folder and takes it away', async () => {
      const outcome = await start({ do: 'temp-dir' }).exit
      expect(outcome.state === 'succeeded' && existsSync(String(outcome.result))).toBe(false)
      expect(outcome.state).toBe('succeeded')
    })

    it('does not run a task before its start is recorded', async () => {
      const { promise: exit, resolve } = Promise.withResolvers<TaskOutcome>()
      under.executor.start(
        { id: 'task', payload: { do: 'echo', value: 1 }, timeoutMs: 60_000 },
        {
          onStart: () => Promise.reject(new Error('disk full')),
          onProgress: () => {},
          onLog: () => {},
          onExit: resolve,
        },
      )
      expect(await exit).toMatchObject({ state: 'failed', error: { code: 'step.crashed' } })
    })

    it('survives a listener that throws', async () => {
      const { promise: exit, resolve } = Promise.withResolvers<TaskOutcome>()
      under.executor.start(
        { id: 'task', payload: { do: 'report' }, timeoutMs: 60_000 },
        {
          onStart: async () => {},
          onProgress: () => {
            throw new Error('listener')
          },
          onLog: () => {
            throw new Error('listener')
          },
          onExit: resolve,
        },
      )
      expect((await exit).state).toBe('succeeded')
    })

    it('reaps by reference, at once and again later', async () => {
      const task = start({ do: 'start-process', thenBlock: true })
      const pids = await pidsIn(task.lines)
      await under.executor.reap(task.reference())
      expect(task.exits).toHaveLength(1)
      await allGone(pids)
      await under.executor.reap(task.reference())
    })

    it('does not touch a process that has the number but is not the task', async () => {
      const task = start({ do: 'wait-for-ever' })
      const pids = await pidsIn(task.lines)
      await under.executor.reap(task.reference().replace(/[0-9a-f]{4}$/, '0000'))
      expect(pids.map(isAlive)).toEqual([true])
    })

    it('close cancels what runs and what comes later', async () => {
      const task = start({ do: 'wait-for-abort' })
      await pidsIn(task.lines)
      await under.executor.close()
      expect(task.exits).toEqual([{ state: 'cancelled' }])
      expect(await start({ do: 'echo', value: 1 }).exit).toEqual({ state: 'cancelled' })
    })

    it.each<ContractTask>([
      { do: 'wait-for-ever' },
      { do: 'block' },
      { do: 'start-process', thenBlock: false },
      { do: 'start-process', thenBlock: true },
    ])('lets no task outlive a control plane that was killed: %j', async (payload) => {
      const elsewhere = under.startElsewhere({ id: 'task', payload, timeoutMs: 60_000 })
      const pids = await pidsIn(elsewhere.lines)
      expect(pids.map(isAlive)).toEqual(pids.map(() => true))
      elsewhere.killParent()
      await allGone(pids)
    })

    const resultOf = async (payload: ContractTask, options: Partial<Task>) => {
      const task = start(payload, options)
      const outcome = await task.exit
      expect(outcome.state).toBe('succeeded')
      return { pid: outcome.state === 'succeeded' ? outcome.result : undefined, ...task }
    }

    it('may run tasks that allow it in one process, one after the other, and keeps their output apart', async () => {
      const first = await resultOf({ do: 'pid', print: 'a\n\n\nno line end' }, { reuse: 'x' })
      const second = await resultOf({ do: 'pid', print: '\nb\n' }, { reuse: 'x' })
      expect(first.lines).toEqual(['a', '', '', 'no line end'])
      expect(second.lines).toEqual(['', 'b'])
      const others = await Promise.all([
        resultOf({ do: 'pid' }, { reuse: 'y' }),
        resultOf({ do: 'pid' }, { reuse: 'x', memoryMb: 64 }),
        resultOf({ do: 'pid' }, { reuse: 'x', env: { A: '1' } }),
        resultOf({ do: 'pid' }, {}),
      ])
      const pids = [second, ...others].map(({ pid }) => pid)
      expect(new Set(pids).size).toBe(pids.length)
    })

    it.each(['timer', 'process', 'environment', 'directory'] as const)(
      'runs nothing in a process in which a task has left something: %s',
      async (what) => {
        const { pid } = await resultOf({ do: 'leave', what }, { reuse: 'x' })
        expect((await resultOf({ do: 'pid' }, { reuse: 'x' })).pid).not.toBe(pid)
        await allGone([Number(pid)])
      },
    )

    it('lets no task speak that has ended', async () => {
      const first = await resultOf({ do: 'speak-later' }, { reuse: 'x' })
      const second = await resultOf({ do: 'wait-for-words' }, { reuse: 'x' })
      expect(second.pid).toBe(first.pid)
      expect([...first.lines, ...second.lines]).toEqual([])
    })

    it('runs no two tasks at once in a process, and none after one that was cancelled', async () => {
      const waiting = start({ do: 'wait-for-abort' }, { reuse: 'x' })
      const [pid] = await pidsIn(waiting.lines)
      expect((await resultOf({ do: 'pid' }, { reuse: 'x' })).pid).not.toBe(pid)
      waiting.handle.cancel()
      expect(await waiting.exit).toEqual({ state: 'cancelled' })
      await allGone([Number(pid)])
    })

    it('reaps a task, not another one that runs where it ran', async () => {
      const first = await resultOf({ do: 'pid' }, { reuse: 'x' })
      const second = start({ do: 'wait-for-abort' }, { reuse: 'x' })
      const pids = await pidsIn(second.lines)
      await under.executor.reap(first.reference())
      expect(pids.map(isAlive)).toEqual([true])
      await under.executor.reap(second.reference())
      expect(pids.map(isAlive)).toEqual([false])
    })

    it('reaps what a killed control plane has left', async () => {
      const elsewhere = under.startElsewhere({ id: 'task', payload: { do: 'block' }, timeoutMs: 60_000 })
      const pids = await pidsIn(elsewhere.lines)
      const reference = elsewhere.lines.find((line) => line.startsWith('reference '))?.split(' ')[1] ?? ''
      elsewhere.killParent()
      await under.executor.reap(reference)
      expect(pids.map(isAlive)).toEqual([false])
    })
  })
}

async function pidsIn(lines: string[]): Promise<number[]> {
  const line = await vi.waitFor(
    () => {
      const found = lines.find((l) => l.startsWith('pids '))
      if (!found) throw new Error('the task has not begun')
      return found
    },
    { timeout: 15_000, interval: 5 },
  )
  return line.split(' ').slice(1).map(Number)
}

async function allGone(pids: number[]): Promise<void> {
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 10_000, interval: 5 })
}

/** A process that has ended but whose new parent has not collected it yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !(process.platform === 'linux' && isZombie(pid))
}

function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
