import { describe, expect, it } from 'vitest'
import { adjustBenjaminiHochberg } from './benjamini-hochberg.ts'
import { fitBins } from './bins.ts'
import { poolCells } from './comparable-cells.ts'
import { detectDrift } from './drift.ts'
import golden from './fixtures/scipy.json' with { type: 'json' }
import { profileCategorical, profileNumeric } from './profile.ts'
import { createDriftColumns } from './testing/drift-columns.ts'
import { createUniform, normals } from './testing/samples.ts'

const uniform = createUniform(20260701)

const { numericColumn, categoricalColumn } = createDriftColumns(uniform)

describe('detectDrift', () => {
  it('leaves a significant trifle alone', () => {
    const [trifle] = detectDrift([numericColumn('x', [100_000, 100_000], 0.05)])
    expect(trifle.adjustedP).toBeLessThan(1e-6)
    expect(trifle.effect).toBeGreaterThan(0)
    expect(trifle).toMatchObject({ tested: true, drifted: false })
    expect(detectDrift([numericColumn('x', [100_000, 100_000], 0.05)], { minEffect: 0.01 })[0].drifted).toBe(
      true,
    )
  })

  it('estimates the effect without bias by the number of rows', () => {
    // Half of a squared shift over eight, to second order: sqrt(0.25 / 8) = 0.177 less what ten bins lose.
    for (const rows of [300, 3000, 30_000]) {
      const effects = Array.from(
        { length: 20 },
        () => detectDrift([numericColumn('x', [rows, rows], 0.5)])[0].effect,
      )
      const mean = effects.reduce((sum, effect) => sum + effect, 0) / effects.length
      expect(mean).toBeGreaterThan(0.155)
      expect(mean).toBeLessThan(0.185)
    }
  })

  it('sees missing values, values out of range and a new category', () => {
    const values = normals(uniform, 1000)
    const edges = fitBins(values, 10)
    const reference = profileNumeric(values, edges)
    const gaps = profileNumeric(
      values.map((value, i) => (i % 10 === 0 ? Number.NaN : value)),
      edges,
    )
    const high = profileNumeric(
      values.map((value, i) => (i % 10 === 0 ? 99 : value)),
      edges,
    )
    const known = profileCategorical(new Array(500).fill('a'), ['a'])
    const unknown = profileCategorical(
      Array.from({ length: 500 }, (_, i) => (i % 10 === 0 ? 'new' : 'a')),
      ['a'],
    )
    const found = detectDrift([
      { name: 'gaps', reference, current: gaps },
      { name: 'high', reference, current: high },
      { name: 'unknown', reference: known, current: unknown },
    ])
    expect(found.map((column) => column.drifted)).toEqual([true, true, true])
  })

  it('does not alarm because of one row of an unseen category', () => {
    const reference = profileCategorical(new Array(10_000).fill('a'), ['a'])
    const current = profileCategorical([...new Array(199).fill('a'), 'new'], ['a'])
    expect(detectDrift([{ name: 'x', reference, current }], { minEffect: 0 })[0]).toMatchObject({
      tested: true,
      statistic: 0,
      pValue: 1,
      drifted: false,
    })
  })

  it('does not test columns with too few rows, nor let them weaken the others', () => {
    const few = numericColumn('few', [500, 99], 3)
    const shifted = numericColumn('shifted', [500, 500], 0.5)
    const [untested, tested] = detectDrift([few, shifted])
    expect(untested).toEqual({
      name: 'few',
      tested: false,
      statistic: 0,
      degreesOfFreedom: 0,
      pValue: 1,
      adjustedP: 1,
      effect: 0,
      drifted: false,
    })
    expect(tested).toMatchObject({ tested: true, adjustedP: tested.pValue, drifted: true })
  })

  it('counts the limits themselves as drift and as enough rows', () => {
    const column = numericColumn('x', [400, 300], 0.4)
    const [{ adjustedP, effect }] = detectDrift([column])
    expect(detectDrift([column], { alpha: adjustedP, minEffect: effect, minRows: 300 })[0].drifted).toBe(true)
    expect(detectDrift([column], { alpha: adjustedP * 0.999, minEffect: effect })[0].drifted).toBe(false)
    expect(detectDrift([column], { alpha: adjustedP, minEffect: effect * 1.001 })[0].drifted).toBe(false)
    expect(detectDrift([column], { minRows: 301 })[0].tested).toBe(false)
  })

  it('finds no drift between equal profiles and nothing in no columns', () => {
    const { reference } = numericColumn('x', [500, 500])
    expect(detectDrift([{ name: 'x', reference, current: reference }])[0]).toMatchObject({
      pValue: 1,
      effect: 0,
    })
    expect(detectDrift([])).toEqual([])
  })

  it('refuses different cells and options out of range by name', () => {
    const { reference } = numericColumn('x', [500, 500])
    const other = profileNumeric([1], [0, 1])
    expect(() => detectDrift([{ name: 'x', reference, current: other }])).toThrow(/column "x".edges differ/)
    expect(() => detectDrift([], { alpha: 2 })).toThrow(/alpha is 2/)
    expect(() => detectDrift([], { minEffect: Number.NaN })).toThrow(/minEffect is NaN/)
    expect(() => detectDrift([], { minRows: 0 })).toThrow(/minRows is 0/)
  })
})

describe('poolCells', () => {
  it('loses no row and leaves no rare cell', () => {
    for (let i = 0; i < 50; i++) {
      for (const { reference, current } of [
        numericColumn('n', [120, 900]),
        categoricalColumn('c', [120, 900]),
      ]) {
        const cells = poolCells(reference, current)
        expect(cells.reference.reduce((sum, count) => sum + count, 0)).toBe(120)
        expect(cells.current.reduce((sum, count) => sum + count, 0)).toBe(900)
        cells.reference.forEach((count, k) => {
          expect(((count + cells.current[k]) * 120) / 1020).toBeGreaterThanOrEqual(5)
        })
      }
    }
  })
})

describe('adjustBenjaminiHochberg', () => {
  it('agrees with scipy', () => {
    adjustBenjaminiHochberg(golden.fdr.p).forEach((adjusted, i) => {
      expect(adjusted).toBeCloseTo(golden.fdr.adjusted[i], 14)
    })
    expect(adjustBenjaminiHochberg([])).toEqual([])
  })

  it('refuses what is no p-value', () => {
    expect(() => adjustBenjaminiHochberg([0.1, Number.NaN])).toThrow(/pValues\[1\] is NaN/)
  })
})
