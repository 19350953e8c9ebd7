import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observation } from '../../history.ts'
import { hypervolume } from '../../hypervolume.ts'
import type { SamplerSpec } from '../../sampler.ts'
import { suggestParameters } from '../../suggest.ts'
import type { Trial } from '../../trial.ts'
import { randomSampler } from '../random.ts'
import { nsga2Sampler } from './nsga2.ts'
import { crowdingDistances, rankTrials, selectElite } from './population.ts'

const observation = (losses: readonly number[], violation = 0): Observation => ({
  number: 0,
  state: 'complete',
  point: new Float64Array(0),
  losses: Float64Array.from(losses),
  constraints: [],
  violation,
  last: undefined,
  generation: undefined,
})

describe('selectElite', () => {
  it('ranks feasible trials by dominance, and the others after them by their violation', () => {
    const trials = [
      observation([0, 0], 2),
      observation([1, 3]),
      observation([3, 1]),
      observation([3, 3]),
      observation([9, 9], 1),
      observation([0, 0], 2),
    ]
    expect([...rankTrials(trials)]).toEqual([3, 0, 0, 1, 2, 3])
    expect(selectElite(trials, 4)).toEqual([trials[1], trials[2], trials[3], trials[4]])
  })

  it('keeps the ends of a front and what is least crowded', () => {
    const front = [
      [0, 10],
      [1, 4],
      [2, 3],
      [6, 1],
      [10, 0],
    ].map((losses) => observation(losses))
    const distances = [...crowdingDistances(front.map(({ losses }) => losses))]
    expect(distances).toEqual([Infinity, 0.2 + 0.7, 0.5 + 0.3, expect.closeTo(0.8 + 0.3, 12), Infinity])
    expect(new Set(selectElite(front, 3))).toEqual(new Set([front[0], front[4], front[3]]))
  })

  it('takes as many as it should', () => {
    const trial = fc
      .tuple(fc.nat(5), fc.nat(5), fc.nat(2))
      .map(([a, b, violation]) => observation([a, b], violation))
    fc.assert(
      fc.property(fc.array(trial, { maxLength: 20 }), fc.nat(25), (trials, size) => {
        const elite = selectElite(trials, size)
        expect(elite.length).toBe(Math.min(size, trials.length))
        expect(new Set(elite).size).toBe(elite.length)
      }),
    )
  })
})

describe('nsga2Sampler', () => {
  const runStudy = (sampler: SamplerSpec): readonly Trial[] => {
    const trials: Trial[] = []
    const space = Object.fromEntries(
      Array.from({ length: 5 }, (_, at) => [`x${at}`, { kind: 'float', low: 0, high: 1 } as const]),
    )
    for (let number = 0; number < 240; number += 1) {
      const suggestion = suggestParameters(
        { space, directions: ['minimize', 'maximize'], sampler, seed: 8 },
        trials,
        number,
      )
      if (!suggestion) throw new Error('nothing left to try')
      const [first, ...rest] = Object.values(suggestion.parameters).map(Number)
      const slack = 1 + 2 * rest.reduce((sum, value) => sum + value, 0)
      const values = [first, -slack * (1 - Math.sqrt(first / slack))]
      trials.push({ number, state: 'complete', ...suggestion, values })
    }
    return trials
  }
  const volume = (trials: readonly Trial[]): number =>
    hypervolume(
      trials.map(({ values = [] }) => Float64Array.of(values[0], -values[1])),
      Float64Array.of(1.1, 5),
    )

  it('covers more of the front than random search, generation by generation', () => {
    const trials = runStudy(nsga2Sampler({ populationSize: 20 }))
    expect(trials.map(({ generation }) => generation)).toEqual(
      trials.map((_, index) => Math.floor(index / 20)),
    )
    expect(volume(trials)).toBeGreaterThan(volume(runStudy(randomSampler())) * 1.05)
  })

  it('waits for a generation before the next, and counts what came from elsewhere to the first', () => {
    const study = {
      space: { x: { kind: 'int', low: 0, high: 9 } },
      directions: ['minimize'],
      sampler: nsga2Sampler({ populationSize: 4 }),
      seed: 1,
    } as const
    const trials: Trial[] = [0, 1, 2, 3].map((number) => ({
      number,
      state: number === 2 ? 'running' : 'complete',
      parameters: { x: number },
      ...(number !== 2 && { values: [number] }),
      ...(number > 0 && { generation: 0 }),
    }))
    expect(suggestParameters(study, trials, 4)?.generation).toBe(0)
    const complete: Trial[] = trials.map((trial) => ({ ...trial, state: 'complete', values: [trial.number] }))
    expect(suggestParameters(study, complete, 4)?.generation).toBe(1)
  })
})
