import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const take = (seed: number, stream: number, count: number): number[] => {
  const random = createRandom(seed, stream)
  return Array.from({ length: count }, () => random.uint32())
}

describe('createRandom', () => {
  it('repeats for the same seed and stream, and differs for others', () => {
    expect(take(1, 0, 5)).toEqual(take(1, 0, 5))
    const firsts = [0, 1, 2, 3].flatMap((seed) => [0, 1, 2, 3].map((stream) => take(seed, stream, 1)[0]))
    expect(new Set(firsts).size).toBe(16)
  })

  it('fills a range evenly', () => {
    const counts = new Uint32Array(10)
    const random = createRandom(42)
    for (let draw = 0; draw < 100_000; draw += 1) counts[random.below(10)] += 1
    // χ² with 9 degrees of freedom stays below 27.9 with probability 0.999.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    expect(chiSquared).toBeLessThan(27.9)
  })
})
