import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findEdges } from './edges.ts'

const values = fc.array(
  fc.oneof(fc.integer({ min: -5, max: 5 }), fc.float({ noNaN: true, noDefaultInfinity: true })),
  {
    minLength: 1,
    maxLength: 300,
  },
)

describe('findEdges', () => {
  it('gives ascending edges that separate values, at most maxBins - 1 of them', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 255 }), (list, maxBins) => {
        const sorted = Float32Array.from(list).sort()
        const edges = findEdges(Float32Array.from(list), { maxBins, seed: 1 })
        expect(edges.length).toBeLessThan(maxBins)
        edges.forEach((edge, index) => {
          if (index > 0) expect(edge).toBeGreaterThan(edges[index - 1])
          expect(edge).toBeGreaterThanOrEqual(sorted[0])
          expect(edge).toBeLessThan(sorted[sorted.length - 1])
        })
        const distinct = new Set(sorted.map((value) => value + 0)).size
        if (distinct <= maxBins) expect(edges.length).toBe(distinct - 1)
      }),
    )
  })

  it('fills the bins evenly and gives a frequent value its own', () => {
    const list = Float32Array.from({ length: 1000 }, (_, index) => (index < 500 ? 0 : index))
    const edges = findEdges(list, { maxBins: 6, seed: 1 })
    expect(Array.from(edges)).toEqual([250, 599.5, 699.5, 799.5, 899.5])
  })

  it('samples a long column', () => {
    const edges = findEdges(
      Float32Array.from({ length: 400_000 }, (_, row) => row % 1000),
      { maxBins: 4, seed: 1 },
    )
    expect(edges.length).toBe(3)
    expect(Math.abs(edges[1] - 500)).toBeLessThan(10)
  })
})
