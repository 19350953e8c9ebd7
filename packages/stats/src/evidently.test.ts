import { describe, expect, it } from 'vitest'
import { evidentlyJensenShannon, evidentlyKs, evidentlyPsi, evidentlyWasserstein } from './evidently.ts'
import { fractions, relativeError } from './testing/samples.ts'

function repeat<T>(...runs: [T, number][]): T[] {
  return runs.flatMap(([value, times]) => Array.from({ length: times }, () => value))
}

function sums(rows: number, offset: number, shift: number): number[] {
  const columns = [7919, 104729, 1299709, 15485863].map((multiplier) => fractions(rows, multiplier, offset))
  return columns[0].map((_, i) => columns.reduce((sum, column) => sum + column[i], 0) + shift)
}

const D1 = [fractions(500, 7919), fractions(400, 104729).map((value) => value ** 1.3)]
const D2 = [sums(2000, 0, 0), sums(1500, 5000, 0.15)]
const D5 = [
  [38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0],
  [39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8],
]
const D3 = [
  repeat([1, 16], [2, 18], [3, 16], [4, 14], [5, 12], [6, 12]),
  repeat([1, 16], [2, 16], [3, 16], [4, 16], [5, 16], [6, 8]),
]
const D4 = [repeat(['a', 500], ['b', 300], ['c', 200]), repeat(['a', 450], ['b', 330], ['d', 20])]

// Recorded by running Evidently 0.7.21 on scipy 1.17.1 and numpy 2.4.6.
describe('Evidently 0.7.21', () => {
  it.each([
    ['D1', D1, 0.01669690987590222, 0.2296139912769307, 0.08902257919944014, 0.06399220613471339],
    ['D2', D2, 3.1195537060315177e-9, 0.27236878511065643, 0.12203003737218779, 0.1242405703717513],
    ['D5', D5, 0.08702408702408701, 0.781236105789365, 0.8325546111576977, 14.250388222464219],
  ] as const)('numeric columns %s', (_, [reference, current], ks, wasserstein, js, psi) => {
    expect(relativeError(evidentlyKs(reference, current), ks)).toBeLessThan(1e-9)
    expect(relativeError(evidentlyWasserstein(reference, current), wasserstein)).toBeLessThan(1e-9)
    expect(relativeError(evidentlyJensenShannon(reference, current), js)).toBeLessThan(1e-9)
    expect(relativeError(evidentlyPsi(reference, current), psi)).toBeLessThan(1e-9)
  })

  it.each([
    ['D3', D3, 0.06804819617703867, 0.037218381577290835],
    ['D4', D4, 0.28871808787196923, 1.7000922629965916],
  ] as const)('categorical columns %s', (_, [reference, current], js, psi) => {
    expect(relativeError(evidentlyJensenShannon(reference, current), js)).toBeLessThan(1e-9)
    expect(relativeError(evidentlyPsi(reference, current), psi)).toBeLessThan(1e-9)
  })

  it('bins integer columns no finer than one', () => {
    const reference = Int32Array.from({ length: 2000 }, (_, i) => i % 25)
    const current = Int32Array.from({ length: 2000 }, (_, i) => (i * i) % 25)
    expect(relativeError(evidentlyPsi(reference, current), 1.5578129832100167)).toBeLessThan(1e-9)
    expect(relativeError(evidentlyJensenShannon(reference, current), 0.31421981911777447)).toBeLessThan(1e-9)
  })

  // The next two: numpy 2.4.6's histogram_bin_edges and histogram under the same rules.
  it('bins half a million integers coarser than as many floats', () => {
    const reference = Int32Array.from({ length: 300_000 }, (_, i) => i % 21)
    const current = Int32Array.from({ length: 300_000 }, (_, i) => (i * i) % 21)
    expect(relativeError(evidentlyPsi(reference, current), 4.601652567348957)).toBeLessThan(1e-9)
    const floats = evidentlyPsi(Float64Array.from(reference), Float64Array.from(current))
    expect(relativeError(floats, 4.535094588778387)).toBeLessThan(1e-9)
  })

  it.each([
    [20, 5.2426165522856705],
    [21, 3.7525062064242567],
  ])('takes up to 20 distinct values as categories: %d', (distinct, psi) => {
    const reference = Array.from({ length: 2000 }, (_, i) => i % distinct)
    const current = Array.from({ length: 2000 }, (_, i) => (i * i) % distinct)
    expect(relativeError(evidentlyPsi(reference, current), psi)).toBeLessThan(1e-9)
  })

  it('fills zeros per side', () => {
    const rare = evidentlyPsi(repeat(['a', 99999], ['b', 1]), repeat(['a', 99999], ['c', 1]))
    expect(relativeError(rare, 0.0002763099348490743)).toBeLessThan(1e-9)
    const common = evidentlyPsi(repeat(['a', 900], ['b', 100]), repeat(['a', 900], ['c', 100]))
    expect(relativeError(common, 1.380169504740631)).toBeLessThan(1e-9)
  })

  it('divides by at least 0.001 for a constant reference', () => {
    expect(evidentlyWasserstein([1, 1, 1], [2, 2])).toBeCloseTo(1000, 9)
  })

  it('drops missing values first', () => {
    const gaps = [...D1[0], Number.NaN, Number.POSITIVE_INFINITY]
    expect(evidentlyPsi(gaps, D1[1])).toBe(evidentlyPsi(D1[0], D1[1]))
    expect(evidentlyPsi([...D4[0], null] as (string | null)[], D4[1] as string[])).toBe(
      evidentlyPsi(D4[0] as string[], D4[1] as string[]),
    )
  })

  it('refuses empty and mixed columns by name', () => {
    expect(() => evidentlyPsi([], [1])).toThrow(/reference has no value/)
    expect(() => evidentlyJensenShannon(['a'], [null])).toThrow(/current has no value/)
    expect(() => evidentlyPsi([1], ['a'])).toThrow(TypeError)
    expect(() => evidentlyWasserstein([1], [Number.NaN])).toThrow(/current has no finite value/)
  })
})
