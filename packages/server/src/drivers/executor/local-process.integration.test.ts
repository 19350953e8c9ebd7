import { spawn } from 'node:child_process'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLineSplitter } from '../../kernel/bounded-lines.ts'
import { createLogger } from '../../kernel/logger.ts'
import { executorContract } from '../../ports/testing/executor.contract.ts'
import { createLocalProcessExecutor } from './local-process.ts'

const entry = new URL('./testing/task-entry.ts', import.meta.url).pathname
const parentEntry = new URL('./testing/parent-entry.ts', import.meta.url).pathname

describe('local processes', () => {
  const parents: ReturnType<typeof spawn>[] = []
  afterEach(() => {
    for (const parent of parents.splice(0)) parent.kill('SIGKILL')
  })

  executorContract(async () => ({
    executor: createLocalProcessExecutor({
      entry,
      logger: createLogger('silent'),
      env: { GIVEN: 'yes' },
      graceMs: 200,
    }),
    startElsewhere(task) {
      const parent = spawn(process.execPath, [parentEntry, JSON.stringify(task)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      parents.push(parent)
      const lines: string[] = []
      const splitter = createLineSplitter((line) => lines.push(line))
      parent.stdout.setEncoding('utf8').on('data', splitter.push)
      return { lines, killParent: () => parent.kill('SIGKILL') }
    },
  }))

  it('takes references of a time when a process had one task', async () => {
    const executor = createLocalProcessExecutor({ entry, logger: createLogger('silent'), env: {} })
    await executor.reap(`1:${'a'.repeat(32)}`)
    await expect(executor.reap('1:2:3')).rejects.toThrow('is no reference')
    await executor.close()
  })

  it('uses a process again, until nothing came for a while', async () => {
    const executor = createLocalProcessExecutor({
      entry,
      logger: createLogger('silent'),
      env: {},
      idleMs: 100,
    })
    const run = () =>
      new Promise<unknown>((resolve) => {
        executor.start(
          { id: 'task', payload: { do: 'pid' }, timeoutMs: 60_000, reuse: 'x' },
          {
            onStart: async () => {},
            onProgress: () => {},
            onLog: () => {},
            onExit: (outcome) => resolve(outcome.state === 'succeeded' ? outcome.result : outcome),
          },
        )
      })
    const pid = await run()
    expect([await run(), await run()]).toEqual([pid, pid])
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), {
      timeout: 10_000,
      interval: 5,
    })
    expect(await run()).not.toBe(pid)
    await executor.close()
  })
})
