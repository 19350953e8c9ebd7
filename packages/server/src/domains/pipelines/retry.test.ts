import { expect, it } from 'vitest'
import { retryDelayMs } from './retry.ts'

it('waits twice as long after each failure, up to a bound, less a random half', () => {
  expect([1, 2, 3, 20, 2000].map((failures) => retryDelayMs(failures, 0))).toEqual([
    1000, 2000, 4000, 300_000, 300_000,
  ])
  expect(retryDelayMs(3, 0.5)).toBe(3000)
})
