import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countValues } from './dimension.ts'
import type { Parameter, SearchSpace, TrialParameters } from './parameter.ts'
import { fromShare, toShare } from './scale.ts'
import { fromPoint, readSpace, toPoint } from './space.ts'

const tree: SearchSpace = {
  depth: { kind: 'int', low: 1, high: 8, when: { model: ['tree'] } },
  model: { kind: 'categorical', choices: ['line', 'tree', null] },
  split: { kind: 'float', low: 0, high: 1, step: 0.1, when: { model: ['tree'], depth: [7, 8] } },
}

describe('readSpace', () => {
  it('puts every parameter after those on which it depends', () => {
    expect(readSpace(tree).dimensions.map(({ name }) => name)).toEqual(['model', 'depth', 'split'])
  })

  it.each<readonly [string, SearchSpace, RegExp]>([
    ['no parameter', {}, /1 to 1000 parameters, not 0/],
    ['an empty name', { '': { kind: 'int', low: 0, high: 1 } }, /empty name/],
    [
      'another kind',
      { x: { kind: 'real' as 'int', low: 0, high: 1 } },
      /'x' has the kind 'real'; there are float, int/,
    ],
    ['not an object', { x: null as unknown as Parameter }, /'x' must be an object/],
    [
      'an unknown field',
      { x: { kind: 'int', low: 0, hihg: 1 } as unknown as Parameter },
      /'x' \(int\) has no field 'hihg'/,
    ],
    ['bounds the wrong way round', { x: { kind: 'float', low: 2, high: 1 } }, /'x' has low 2 above high 1/],
    [
      'a bound that is no number',
      { x: { kind: 'float', low: 0, high: Infinity } },
      /'x' has Infinity as high/,
    ],
    [
      'a fraction for an integer',
      { x: { kind: 'int', low: 0.5, high: 1 } },
      /'x' has 0.5 as low; it must be an integer/,
    ],
    ['a range beyond numbers', { x: { kind: 'float', low: -1e308, high: 1e308 } }, /'x' spans .* too wide/],
    ['no step', { x: { kind: 'float', low: 0, high: 1, step: 0 } }, /'x' has step 0/],
    [
      'log and step',
      { x: { kind: 'float', low: 1, high: 2, step: 0.5, log: true } },
      /'x' has both log and step/,
    ],
    ['the log of 0', { x: { kind: 'int', low: 0, high: 2, log: true } }, /'x' .* low 0; it must be ≥ 1/],
    ['no choices', { x: { kind: 'categorical', choices: [] } }, /'x' needs at least one choice/],
    ['a choice twice', { x: { kind: 'categorical', choices: [1, 1] } }, /'x' has the choice 1 twice/],
    [
      'a choice that is not one',
      { x: { kind: 'categorical', choices: [Number.NaN] } },
      /'x' has NaN as choice 0/,
    ],
    [
      'an unknown parent',
      { x: { kind: 'int', low: 0, high: 1, when: { y: [1] } } },
      /'x' depends on 'y', which/,
    ],
    [
      'a circle',
      {
        x: { kind: 'int', low: 0, high: 1, when: { y: [1] } },
        y: { kind: 'int', low: 0, high: 1, when: { x: [1] } },
      },
      /'x' depends on itself: x → y → x/,
    ],
    [
      'a value that the parent does not have',
      { x: { kind: 'int', low: 0, high: 1, when: { y: [2] } }, y: { kind: 'int', low: 0, high: 1 } },
      /'x' depends on a value that cannot be: parameter 'y' is 2/,
    ],
    [
      'a continuous parent',
      { x: { kind: 'int', low: 0, high: 1, when: { y: [1] } }, y: { kind: 'float', low: 0, high: 1 } },
      /'x' depends on 'y', which is continuous/,
    ],
  ])('refuses %s', (_, space, message) => {
    expect(() => readSpace(space)).toThrow(message)
  })
})

describe('toPoint', () => {
  const space = readSpace(tree)

  it('takes what fromPoint gives', () => {
    const known: readonly TrialParameters[] = [
      { model: null },
      { model: 'tree', depth: 3 },
      { model: 'tree', depth: 7, split: 0.3 },
    ]
    for (const parameters of known) expect(fromPoint(space, toPoint(space, parameters))).toEqual(parameters)
    const { split } = fromPoint(space, toPoint(space, { model: 'tree', depth: 8, split: 0.1 + 0.2 }))
    expect(split).toBe(0.3)
  })

  it.each<readonly [TrialParameters, RegExp]>([
    [{}, /'model' is missing/],
    [{ model: 'tree' }, /'depth' is missing/],
    [{ model: 'line', depth: 1 }, /'depth' is given; its condition is not met/],
    [{ model: 'tre' }, /'model' is "tre"; it can be "line", "tree", null/],
    [{ model: 'tree', depth: 9 }, /'depth' is 9; it must be a number from 1 to 8/],
    [{ model: 'tree', depth: '3' }, /'depth' is "3"; it must be a number/],
    [{ model: 'tree', depth: 7, split: 0.25 }, /'split' is 0.25; it goes from 0 to 1 in steps of 0.1/],
    [{ model: 'line', other: 1 }, /no parameter 'other'/],
  ])('refuses %j', (parameters, message) => {
    expect(() => toPoint(space, parameters)).toThrow(message)
  })
})

describe('fromShare', () => {
  const numeric = fc
    .record({ low: fc.integer({ min: 1, max: 50 }), width: fc.integer({ min: 0, max: 40 }) })
    .chain(({ low, width }) =>
      fc.constantFrom<Parameter>(
        { kind: 'float', low, high: low + width },
        { kind: 'float', low, high: low + width, log: true },
        { kind: 'float', low, high: low + width, step: 0.3 },
        { kind: 'int', low, high: low + width },
        { kind: 'int', low, high: low + width, log: true },
        { kind: 'int', low, high: low + width, step: 3 },
      ),
    )

  it('gives values of the parameter, that toShare takes back', () => {
    fc.assert(
      fc.property(numeric, fc.double({ min: 0, max: 1, noNaN: true }), (parameter, share) => {
        const space = readSpace({ x: parameter })
        const [dimension] = space.dimensions
        const value = fromShare(dimension, share)
        expect(toPoint(space, { x: value })).toEqual(Float64Array.of(value))
        expect(fromShare(dimension, toShare(dimension, value))).toBeCloseTo(value, 9)
      }),
    )
  })

  it('reaches every value of a stepped parameter', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 9 }),
        fc.boolean(),
        (low, width, log) => {
          const [dimension] = readSpace({ x: { kind: 'int', low, high: low + width, log } }).dimensions
          const values = new Set(Array.from({ length: 400 }, (_, at) => fromShare(dimension, at / 399)))
          expect(values.size).toBe(countValues(dimension))
        },
      ),
    )
  })
})
