import fc from 'fast-check'
import { expect, it } from 'vitest'
import { summarizePoints } from './point-digest.ts'
import type { StoredMetric } from './store.ts'

async function summarize(...pages: StoredMetric[][]) {
  return summarizePoints(
    (async function* () {
      yield* pages
    })(),
  )
}

const point = fc.record({
  key: fc.string({ minLength: 1, maxLength: 3 }),
  value: fc.double(),
  at: fc.nat(),
  step: fc.integer(),
})

it('is the same for the same points in whatever order and pages, and another for others', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(point, { minLength: 1 }), point, fc.nat(), async (points, other, cut) => {
      const whole = await summarize(points)
      const back = points.toReversed()
      expect(await summarize(back.slice(0, cut), back.slice(cut))).toEqual(whole)
      expect(whole.count).toBe(points.length)
      expect((await summarize([...points, other])).digest).not.toBe(whole.digest)
      const moved = points.map((one, i) => (i === 0 ? { ...one, step: one.step + 1 } : one))
      expect((await summarize(moved)).digest).not.toBe(whole.digest)
    }),
    { numRuns: 50 },
  )
})

it('takes an infinity for the largest number, as the databases of MLflow do', async () => {
  const at = (value: number) => summarize([{ key: 'a', value, at: 1, step: 2 }])
  expect(await at(Number.POSITIVE_INFINITY)).toEqual(await at(Number.MAX_VALUE))
  expect(await at(Number.NaN)).not.toEqual(await at(0))
})
