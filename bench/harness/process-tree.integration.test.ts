import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { memoryOfTree, processorSecondsOfTree } from './process-tree.ts'

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process whose child holds 64 MB; both end when their input does. */
async function startTree(): Promise<number> {
  const inner = `const held = Buffer.alloc(64 * 2 ** 20, 1); console.log('held'); process.stdin.resume()`
  const outer = `require('node:child_process').spawn(process.execPath, ['-e', process.argv[1]], { stdio: 'inherit' })`
  const child = spawn(process.execPath, ['-e', outer, inner], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

test.runIf(process.platform === 'linux')('The memory of children counts', async () => {
  const pid = await startTree()
  const memory = await memoryOfTree(pid)
  expect(memory).toBeGreaterThan(64)
  expect(memory).toBeLessThan(1000)
})

test.runIf(process.platform === 'linux')('Processor time has been used by whoever has started', async () => {
  expect(await processorSecondsOfTree(await startTree())).toBeGreaterThan(0)
})

test.runIf(process.platform === 'linux')('A process that is gone uses nothing', async () => {
  expect(await memoryOfTree(2 ** 22 + 1)).toBe(0)
  expect(await processorSecondsOfTree(2 ** 22 + 1)).toBe(0)
})
