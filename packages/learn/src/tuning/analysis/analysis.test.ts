import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dominates, rankByDominance } from '../dominance.ts'
import { hypervolume, selectByHypervolume } from '../hypervolume.ts'
import type { SearchSpace } from '../parameter.ts'
import type { Direction, Trial } from '../trial.ts'
import { bestSoFar, type JudgedTrial, paretoFront, studyHypervolume } from './best-trials.ts'
import fixture from './fixtures/importance.json' with { type: 'json' }
import { parameterImportances } from './importance.ts'

const point = (size: number) =>
  fc
    .array(fc.integer({ min: 0, max: 6 }), { minLength: size, maxLength: size })
    .map((own) => Float64Array.from(own))
const points = fc
  .integer({ min: 1, max: 4 })
  .chain((size) => fc.array(point(size), { minLength: 1, maxLength: 9 }))

describe('rankByDominance', () => {
  it('gives 1 more than the greatest rank of those that dominate', () => {
    fc.assert(
      fc.property(points, (own) => {
        const ranks = rankByDominance(own)
        own.forEach((losses, index) => {
          const above = own.flatMap((other, at) => (dominates(other, losses) ? [ranks[at]] : []))
          expect(ranks[index]).toBe(Math.max(-1, ...above) + 1)
        })
      }),
    )
  })
})

/** Unit boxes below 7 that some point covers. */
const countBoxes = (own: readonly Float64Array[], size: number): number => {
  let count = 0
  for (let box = 0; box < 7 ** size; box += 1) {
    const corner = Float64Array.from({ length: size }, (_, at) => Math.floor(box / 7 ** at) % 7)
    if (own.some((losses) => losses.every((loss, at) => loss <= corner[at]))) count += 1
  }
  return count
}

describe('hypervolume', () => {
  it('is the number of unit boxes that the points cover', () => {
    fc.assert(
      fc.property(points, (own) => {
        const size = own[0].length
        expect(hypervolume(own, new Float64Array(size).fill(7))).toBe(countBoxes(own, size))
      }),
    )
  })

  it('leaves out points that are not better than the reference', () => {
    expect(hypervolume([Float64Array.of(1, 9), Float64Array.of(2, 2)], Float64Array.of(4, 5))).toBe(6)
    expect(hypervolume([], Float64Array.of(4, 5))).toBe(0)
  })
})

describe('selectByHypervolume', () => {
  it('takes each time the point that adds most', () => {
    fc.assert(
      fc.property(points, fc.nat(9), (own, wanted) => {
        const count = Math.min(wanted, own.length)
        const reference = new Float64Array(own[0].length).fill(7)
        const selected = selectByHypervolume(own, count, reference)
        expect(new Set(selected).size).toBe(count)
        selected.forEach((_, at) => {
          const before = selected.slice(0, at).map((index) => own[index])
          const volumes = own.map((losses) => hypervolume([...before, losses], reference))
          expect(volumes[selected[at]]).toBe(Math.max(...volumes))
        })
      }),
    )
  })
})

const trial = (number: number, values: readonly number[], more: Partial<JudgedTrial> = {}): JudgedTrial => ({
  number,
  state: 'complete',
  values,
  ...more,
})

describe('paretoFront', () => {
  const trials = [
    trial(3, [3, 3]),
    trial(0, [1, 1]),
    trial(1, [2, 2.5]),
    trial(2, [2, 1]),
    trial(4, [0, 9], { constraints: [-1, 0.1] }),
    trial(5, [0, 9], { state: 'pruned' }),
  ]

  it('has the feasible trials that no other dominates', () => {
    expect(paretoFront(['minimize', 'maximize'], trials)).toEqual([0, 1, 3])
    expect(paretoFront(['minimize', 'minimize'], trials)).toEqual([0])
    expect(paretoFront(['minimize'], [])).toEqual([])
  })

  it('covers a volume before a reference point', () => {
    expect(studyHypervolume(['minimize', 'maximize'], trials, [4, 0])).toBe(3 + 2 * 1.5 + 0.5)
    expect(() => studyHypervolume(['minimize'], [], [1, 2])).toThrow(/each of 1 objectives, not \[1,2\]/)
  })
})

it('bestSoFar has each trial that improved the best', () => {
  const trials = [
    trial(2, [4]),
    trial(0, [1]),
    trial(1, [3]),
    trial(3, [4]),
    trial(4, [9], { state: 'failed' }),
  ]
  expect(bestSoFar('maximize', trials)).toEqual([
    { number: 0, value: 1 },
    { number: 1, value: 3 },
    { number: 2, value: 4 },
  ])
})

describe('parameterImportances', () => {
  it.each(fixture.cases.map((golden) => [golden.name, golden] as const))(
    'are those of Optuna: %s',
    (_, golden) => {
      const importances = parameterImportances(
        golden.space as unknown as SearchSpace,
        golden.directions as readonly Direction[],
        golden.trials as unknown as readonly Trial[],
      )
      expect(Object.keys(importances)).toEqual(Object.keys(golden.space))
      for (const [name, importance] of Object.entries(golden.importances))
        expect(importances[name]).toBeCloseTo(importance, 9)
    },
  )

  it('are equal where nothing tells', () => {
    const space: SearchSpace = { x: { kind: 'int', low: 0, high: 3 }, y: { kind: 'int', low: 0, high: 3 } }
    expect(parameterImportances(space, ['minimize'], [])).toEqual({ x: 0.5, y: 0.5 })
  })
})
