import { describe, expect, it } from 'vitest'
import { createRandomBits } from './random.ts'

describe('createRandomBits', () => {
  it('repeats for the same seed and differs for the next', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandomBits(seed))
    expect(draw(42)).toEqual(draw(42))
    expect(draw(43)).not.toEqual(draw(42))
    expect(draw(0)).not.toContain(0)
  })

  it('fills every bit about half of the time', () => {
    const nextBits = createRandomBits(3)
    const ones = new Array<number>(32).fill(0)
    for (let i = 0; i < 20_000; i++) {
      const bits = nextBits()
      for (let bit = 0; bit < 32; bit++) ones[bit] += (bits >>> bit) & 1
    }
    // Five standard errors of a fair coin.
    for (const count of ones) expect(Math.abs(count / 20_000 - 0.5)).toBeLessThan(0.018)
  })
})
