import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCell, fitBins } from './bins.ts'
import { requireEdges } from './profile.ts'

const columns = fc.array(
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 9 })),
  {
    minLength: 1,
    maxLength: 80,
  },
)
const bins = fc.integer({ min: 1, max: 20 })

describe('fitBins', () => {
  it('spans the reference with at most maxBins bins', () => {
    fc.assert(
      fc.property(columns, bins, (column, maxBins) => {
        const edges = fitBins(column, maxBins)
        requireEdges(edges)
        expect(edges.length).toBeLessThanOrEqual(maxBins + 1)
        for (const value of column) {
          const cell = findCell(edges, value)
          expect(cell).toBeGreaterThanOrEqual(1)
          expect(cell).toBeLessThan(edges.length)
          expect(value >= edges[cell - 1] && value <= edges[cell]).toBe(true)
        }
      }),
    )
  })

  it('never leaves a bin of the reference empty', () => {
    fc.assert(
      fc.property(columns, bins, (column, maxBins) => {
        const edges = fitBins(column, maxBins)
        expect(new Set(column.map((value) => findCell(edges, value))).size).toBe(edges.length - 1)
      }),
    )
  })

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(columns, bins, (column, maxBins) => {
        expect(fitBins(column.toReversed(), maxBins)).toEqual(fitBins(column, maxBins))
      }),
    )
  })

  it('makes bins of equal size from distinct values', () => {
    const edges = fitBins(
      Float64Array.from({ length: 1000 }, (_, i) => i),
      10,
    )
    expect(edges).toEqual([0, 99.5, 199.5, 299.5, 399.5, 499.5, 599.5, 699.5, 799.5, 899.5, 999])
  })

  it('gives each of few distinct values a bin, however rare', () => {
    const flags = [...new Array<number>(99).fill(0), 1]
    expect(fitBins(flags, 10)).toEqual([0, 0.5, 1])
    expect(fitBins([1, 2, 4], 3)).toEqual([1, 1.5, 3, 4])
  })

  it('gives a heavy value a bin by itself', () => {
    const column = [
      -5,
      -4,
      -3,
      -2,
      -1,
      ...new Array<number>(60).fill(0),
      ...Array.from({ length: 35 }, (_, i) => i + 1),
    ]
    const edges = fitBins(column, 5)
    expect(findCell(edges, -1)).toBeLessThan(findCell(edges, 0))
    expect(findCell(edges, 0)).toBeLessThan(findCell(edges, 1))
  })

  it('ignores what is not finite and takes a Float32Array', () => {
    expect(fitBins(Float32Array.of(1, Number.NaN, 3, Number.NEGATIVE_INFINITY), 2)).toEqual([1, 2, 3])
  })

  it('guards a constant reference on both sides', () => {
    const edges = fitBins([7, 7, 7], 10)
    expect(edges).toEqual([7, 7])
    expect([6, 7, 8].map((value) => findCell(edges, value))).toEqual([0, 1, 2])
  })

  it('refuses bad input by name', () => {
    expect(() => fitBins([], 10)).toThrow(/reference has no finite value/)
    expect(() => fitBins([Number.NaN], 10)).toThrow(/reference has no finite value \(1 entries\)/)
    for (const maxBins of [0, 1.5, Number.NaN]) expect(() => fitBins([1], maxBins)).toThrow(/maxBins is/)
  })
})
