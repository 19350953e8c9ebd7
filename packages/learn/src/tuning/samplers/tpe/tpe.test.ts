import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../../random.ts'
import { relativeError } from '../../../testing/frames.ts'
import type { Dimension } from '../../dimension.ts'
import { readHistory } from '../../history.ts'
import type { SearchSpace } from '../../parameter.ts'
import type { Direction, Trial } from '../../trial.ts'
import fixture from './fixtures/tpe.json' with { type: 'json' }
import { createKernels, placeKernels } from './kernels.ts'
import { weighByAge } from './mixture.ts'
import { splitTrials } from './split.ts'
import { estimateDensities } from './tpe.ts'

const cases = fixture.cases.map(({ name, space, directions, trials, ...expected }) => {
  const history = readHistory(
    space as unknown as SearchSpace,
    directions as readonly Direction[],
    trials as unknown as readonly Trial[],
  )
  return [
    name,
    { history, split: splitTrials(history.observations, history.objectives), ...expected },
  ] as const
})

const relativeTo1 = (actual: number, expected: number): number =>
  Math.abs(actual - expected) / Math.max(1, Math.abs(expected))

describe('TPE against Optuna', () => {
  it.each(cases)('splits alike: %s', (_, { split, below, history }) => {
    expect(split.below.map(({ number }) => number)).toEqual(below)
    expect(split.below.length + split.above.length).toBe(history.observations.length)
  })

  it.each(cases)(
    'has the same kernels, weights and densities, and takes the same candidate: %s',
    (_, golden) => {
      const { history, split, densities } = golden
      for (const { names, points, below, above, best, kernels, weights } of densities) {
        const indices = names.map((name) => history.space.dimensions.findIndex((own) => own.name === name))
        const whole = split.above.filter(({ point }) => indices.every((index) => !Number.isNaN(point[index])))
        indices.forEach((index, at) => {
          const expected = kernels[at]
          if (!expected) return
          const values = Float64Array.from(whole, ({ point }) => point[index])
          const { means, deviations } = placeKernels(history.space.dimensions[index], values)
          expect(relativeError(means, expected.mu)).toBeLessThan(1e-13)
          expect(relativeError(deviations, expected.sigma)).toBeLessThan(1e-12)
        })
        const ages = [...weighByAge(whole.length), 1]
        const total = ages.reduce((sum, weight) => sum + weight, 0)
        expect(
          relativeError(
            ages.map((weight) => weight / total),
            weights,
          ),
        ).toBeLessThan(1e-13)
        const mixtures = estimateDensities(history, split, indices)
        let highest = -Infinity
        let chosen = -1
        points.forEach((point, at) => {
          const values = Float64Array.from(point)
          const logBelow = mixtures.below.logDensity(values)
          const logAbove = mixtures.above.logDensity(values)
          expect(relativeTo1(logBelow, below[at])).toBeLessThan(1e-9)
          expect(relativeTo1(logAbove, above[at])).toBeLessThan(1e-9)
          if (logBelow - logAbove > highest) {
            highest = logBelow - logAbove
            chosen = at
          }
        })
        expect(chosen).toBe(best)
      }
    },
  )
})

const stepped = fc
  .tuple(fc.boolean(), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 30 }))
  .map(([log, low, width]): Dimension => {
    return { name: 'x', low, high: low + width, step: 1, log, choices: null, parents: [] }
  })
const categorical = fc.integer({ min: 2, max: 6 }).map((count): Dimension => {
  const choices = Array.from({ length: count }, (_, index) => index)
  return { name: 'x', low: 0, high: count - 1, step: 1, log: false, choices, parents: [] }
})

describe('createKernels', () => {
  const dimensions = fc.oneof(stepped, categorical)
  const shares = fc.array(fc.nat(30), { maxLength: 8 })

  it('spreads a mass of 1 over the values', () => {
    fc.assert(
      fc.property(dimensions, shares, (dimension, places) => {
        const count = dimension.high - dimension.low + 1
        const values = Float64Array.from(places, (place) => dimension.low + (place % count))
        const kernels = createKernels(dimension, values)
        const masses = new Float64Array(values.length + 1)
        for (let value = dimension.low; value <= dimension.high; value += 1) {
          const sums = new Float64Array(masses.length)
          kernels.addLogDensities(value, sums)
          sums.forEach((sum, kernel) => {
            masses[kernel] += Math.exp(sum)
          })
        }
        expect(
          relativeError(
            masses,
            masses.map(() => 1),
          ),
        ).toBeLessThan(1e-9)
      }),
    )
  })

  it('draws values of the dimension', () => {
    fc.assert(
      fc.property(dimensions, shares, fc.nat(), (dimension, places, seed) => {
        const count = dimension.high - dimension.low + 1
        const values = Float64Array.from(places, (place) => dimension.low + (place % count))
        const kernels = createKernels(dimension, values)
        const random = createRandom(seed)
        for (let kernel = 0; kernel <= values.length; kernel += 1) {
          const value = kernels.draw(random, kernel)
          expect(value).toBeGreaterThanOrEqual(dimension.low)
          expect(value).toBeLessThanOrEqual(dimension.high)
          expect(Number.isInteger(value)).toBe(true)
        }
      }),
    )
  })
})
