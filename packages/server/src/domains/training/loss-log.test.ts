import { expect, it } from 'vitest'
import type { LoggedMetric } from '../tracking/index.ts'
import { createLossLog } from './loss-log.ts'

it('logs a batch each second, and the rest at the end', async () => {
  let now = 0
  const batches: string[][] = []
  const log = createLossLog({
    log: async (metrics: readonly LoggedMetric[]) => {
      batches.push(metrics.map(({ key, value, step }) => `${key} ${step} ${value}`))
    },
    now: () => now,
  })
  log.add({ iteration: 1, training: 3, validation: 4 })
  now = 1000
  log.add({ iteration: 2, training: 2 })
  log.add({ iteration: 3, training: 1 })
  await log.end()
  expect(batches).toEqual([
    ['training_loss 1 3', 'validation_loss 1 4', 'training_loss 2 2'],
    ['training_loss 3 1'],
  ])
})

it('says at the end what could not be logged', async () => {
  let now = 0
  const log = createLossLog({ log: () => Promise.reject(new Error('full')), now: () => now })
  now = 5000
  log.add({ iteration: 1, training: 1 })
  await expect(log.end()).rejects.toThrow('full')
})
