import { describe, expect, it } from 'vitest'
import { fit } from '../fit.ts'
import { booleanColumn, categoricalColumn, createFrame, numericColumn } from '../frame.ts'
import { dummyClassifier } from '../learners/dummy/classifier.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { classTarget, numberTarget } from '../target.ts'
import golden from './fixtures/golden.json' with { type: 'json' }
import { partialDependence } from './partial-dependence.ts'
import { permutationImportance } from './permutation-importance.ts'

const [a, b, c] = golden.x
const frame = createFrame({ a: numericColumn(a), b: numericColumn(b), c: numericColumn(c) })
const target = numberTarget(golden.y)
const model = fit(ridge({ alpha: 1 }), { frame, target })

const expectClose = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length)
  expected.forEach((value, index) => {
    expect(actual[index]).toBeCloseTo(value, 6)
  })
}

describe('partialDependence as scikit-learn', () => {
  const grid = (...columns: [string] | [string, string]) => ({ columns, gridResolution: 40 })

  it('of one column', () => {
    const found = partialDependence(model, frame, grid('a'))
    expectClose(found.grid[0] as number[], golden.one.grid[0])
    expectClose(found.average, golden.one.average)
    const weighted = partialDependence(model, frame, { ...grid('a'), weights: golden.weights })
    expectClose(weighted.average, golden.weighted.average)
  })

  it('of two columns', () => {
    expectClose(partialDependence(model, frame, grid('a', 'c')).average, golden.two.average)
  })

  it('of each row', () => {
    const { individual } = partialDependence(model, frame, { ...grid('b'), individual: true })
    expectClose(individual ?? [], golden.individual)
  })
})

describe('partialDependence', () => {
  const mixed = createFrame({
    city: categoricalColumn(['x', 'y', 'x', null]),
    open: booleanColumn([true, true, null, true]),
    none: numericColumn([null, null, null, null]),
  })
  const classifier = fit(dummyClassifier(), { frame: mixed, target: classTarget(['p', 'q', 'r', 'p']) })

  it('varies categories and truth values that occur', () => {
    const options = { columns: ['city', 'open'], positive: 'p' } as const
    const found = partialDependence(classifier, mixed, options)
    expect(found.grid).toEqual([['x', 'y'], [true]])
    expect(Array.from(found.average)).toEqual([0.5, 0.5])
  })

  it('takes quantiles where there are many values', () => {
    const { grid } = partialDependence(model, frame, { columns: ['a'], gridResolution: 5 })
    expect(grid[0]).toHaveLength(5)
    const own = partialDependence(model, frame, { columns: ['a'], grid: { a: [0, 1] } })
    expect(own.average[1] - own.average[0]).toBeGreaterThan(2)
  })

  it('refuses what cannot be varied', () => {
    const of = (column: string, more = {}) =>
      partialDependence(classifier, mixed, { columns: [column], ...more })
    expect(() => of('town')).toThrow("the frame has no column 'town'")
    expect(() => of('none', { positive: 'p' })).toThrow("column 'none' is missing in every row")
    expect(() => of('city')).toThrow('say which class is positive; there are p, q, r')
    expect(() => of('city', { positive: 's' })).toThrow('there is no class s')
    expect(() => of('city', { positive: 'p', grid: { city: [3] } })).toThrow(
      "'city' is categorical; it cannot hold 3",
    )
    expect(() => partialDependence(model, frame, { columns: ['a', 'a'] })).toThrow('one or two columns')
    expect(() => partialDependence(model, frame, { columns: ['a'], gridResolution: 1 })).toThrow(
      'gridResolution',
    )
  })
})

describe('permutationImportance', () => {
  const options = { metric: 'meanSquaredError', nRepeats: 20, seed: 1 }

  it('is what the formula of a linear model says', () => {
    const { baseline, columns } = permutationImportance(model, { frame, target }, options)
    expect(baseline).toBeLessThan(0.2)
    const [ofA, ofB, ofC] = columns.map(({ mean }) => mean)
    // Shuffling adds about twice the variance of what the column contributes: 2 × 3² × 16/12 and 2 × 1 × 16/12.
    expect(ofA).toBeGreaterThan(16)
    expect(ofA).toBeLessThan(34)
    expect(ofB).toBeGreaterThan(1.6)
    expect(ofB).toBeLessThan(4.2)
    expect(Math.abs(ofC)).toBeLessThan(0.1)
  })

  it('does not mind the order of columns, and has the sign of the metric', () => {
    const turned = createFrame({ c: frame.columns.c, b: frame.columns.b, a: frame.columns.a })
    const first = permutationImportance(model, { frame, target }, { ...options, metric: 'r2' })
    const second = permutationImportance(model, { frame: turned, target }, { ...options, metric: 'r2' })
    expect(second.columns).toEqual([...first.columns].reverse())
    expect(first.columns[0].mean).toBeGreaterThan(0.5)
  })

  it('shuffles columns of a list together', () => {
    const together = permutationImportance(
      model,
      { frame, target },
      { ...options, columns: [['a', 'b', 'c'], 'a'] },
    )
    expect(together.columns.map(({ columns }) => columns)).toEqual([['a', 'b', 'c'], ['a']])
    // Whole rows are shuffled against the target, so that what is lost is twice the variance of the prediction.
    expect(together.columns[0].mean).toBeGreaterThan(together.columns[1].mean)
  })

  it('refuses bad input', () => {
    const of = (more: object) => permutationImportance(model, { frame, target }, { ...options, ...more })
    expect(() => of({ columns: ['d'] })).toThrow("the frame has no column 'd'")
    expect(() => of({ columns: [[]] })).toThrow('is empty')
    expect(() => of({ nRepeats: 0 })).toThrow('nRepeats must be')
    expect(() => of({ metric: 'accuracy' })).toThrow('accuracy is of classifications')
    expect(() => permutationImportance(model, { frame }, options)).toThrow('needs a target')
  })
})
