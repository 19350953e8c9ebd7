import { describe, expect, it } from 'vitest'
import type { SearchSpace } from '../parameter.ts'
import type { SamplerSpec } from '../sampler.ts'
import { suggestParameters } from '../suggest.ts'
import type { Direction, Trial } from '../trial.ts'
import { autoSampler } from './auto.ts'
import { gaussianProcessSampler } from './gaussian-process/gaussian-process.ts'
import { tpeSampler } from './tpe/tpe.ts'

const x = { kind: 'float', low: 0, high: 1 } as const
const shape = { kind: 'categorical', choices: ['a', 'b'] } as const

describe('autoSampler', () => {
  it.each<readonly [string, string, SearchSpace, readonly Direction[], number, SamplerSpec]>([
    ['a Gaussian process', 'numbers', { x, shape }, ['minimize'], 14, gaussianProcessSampler()],
    ['TPE', 'two objectives', { x }, ['minimize', 'maximize'], 14, tpeSampler()],
    ['TPE', 'categories', { x, shape, other: shape }, ['minimize'], 14, tpeSampler()],
    ['TPE', 'conditions', { x, shape, y: { ...x, when: { shape: ['a'] } } }, ['minimize'], 14, tpeSampler()],
    ['TPE', 'many trials', { x }, ['minimize'], 200, tpeSampler()],
  ])('is %s for %s', (_, __, space, directions, count, same) => {
    const trials: Trial[] = []
    for (let number = 0; number < count; number += 1) {
      const study = { space, directions, sampler: tpeSampler({ startupTrials: 300 }), seed: 1 }
      const { parameters = {} } = suggestParameters(study, trials, number) ?? {}
      const values = directions.map((_, at) => (Number(parameters.x) - 0.3) ** 2 + at)
      trials.push({ number, state: 'complete', parameters, values })
    }
    const suggest = (sampler: SamplerSpec) =>
      suggestParameters({ space, directions, sampler, seed: 1 }, trials, count)
    expect(suggest(autoSampler())).toEqual(suggest(same))
  })
})
