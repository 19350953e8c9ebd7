import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createLocalProcessExecutor } from '../../drivers/executor/local-process.ts'
import { createLogger } from '../../kernel/logger.ts'
import { createTestBed, ended, node, pipeline } from './testing/control-plane.ts'

it('runs built-in steps and functions in processes, and survives that one is killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'steps-'))
  const calls = join(dir, 'calls')
  const executor = createLocalProcessExecutor({
    entry: new URL('./testing/step-entry.ts', import.meta.url).pathname,
    logger: createLogger('silent'),
    env: {},
  })
  const bed = await createTestBed(executor)
  bed.define(
    pipeline([
      node('a', { inputs: { a: { const: 1 } } }),
      node('own', {
        step: 'function',
        code: { bundle: calls, name: 'die' },
        inputs: { x: { node: 'a', output: 'sum' } },
        retries: 1,
      }),
      node('b', { inputs: { a: { node: 'own', output: 'sum' } } }),
    ]),
  )
  const service = bed.createService()
  const run = await service.start({ pipeline: 'p', params: {}, startedBy: 'test' })
  await expect
    .poll(async () => (await service.getRun(run.id)).steps[1]?.retryAt, { timeout: 15_000, interval: 10 })
    .toBe(bed.clock.now() + 1000)
  bed.advance(1000)
  expect(await ended(service, run.id)).toBe('succeeded')
  const { steps } = await service.getRun(run.id)
  expect(steps[1]?.attempts.map((a) => a.error?.code)).toEqual(['step.crashed', undefined])
  expect(steps[2]?.outputs).toEqual({ sum: 41 })
  expect(readFileSync(calls, 'utf8')).toBe('step die own 1 {"x":2}\nstep die own 2 {"x":2}\n')
  await bed.close()
  rmSync(dir, { recursive: true })
})
