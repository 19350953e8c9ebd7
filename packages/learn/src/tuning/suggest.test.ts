import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SearchSpace } from './parameter.ts'
import type { SamplerSpec } from './sampler.ts'
import { autoSampler } from './samplers/auto.ts'
import { cmaEsSampler } from './samplers/cma-es/cma-es.ts'
import { gridSampler } from './samplers/grid.ts'
import { nsga2Sampler } from './samplers/nsga2/nsga2.ts'
import { quasiRandomSampler } from './samplers/quasi-random.ts'
import { randomSampler } from './samplers/random.ts'
import { tpeSampler } from './samplers/tpe/tpe.ts'
import { readSpace, toPoint } from './space.ts'
import { checkStudy, type StudySpec, suggestParameters } from './suggest.ts'
import type { Trial } from './trial.ts'

const space: SearchSpace = {
  model: { kind: 'categorical', choices: ['line', 'tree', 'forest'] },
  rate: { kind: 'float', low: 1e-4, high: 1, log: true },
  depth: { kind: 'int', low: 1, high: 9, when: { model: ['tree', 'forest'] } },
  trees: { kind: 'int', low: 10, high: 1000, log: true, when: { model: ['forest'] } },
  share: { kind: 'float', low: 0.1, high: 1, step: 0.1 },
  fixed: { kind: 'int', low: 3, high: 3 },
}

const samplers: readonly SamplerSpec[] = [
  randomSampler(),
  quasiRandomSampler(),
  gridSampler({ points: 3, values: { trees: [10, 1000] } }),
  tpeSampler(),
  tpeSampler({ joint: 'groups' }),
  tpeSampler({ joint: 'none' }),
  nsga2Sampler({ populationSize: 6 }),
  cmaEsSampler(),
  autoSampler(),
]

const objective = ({ rate, share }: Trial['parameters']): number =>
  Number(rate) + Math.abs(Number(share) - 0.5)

/** Trials in every state, as parallel workers and crashes leave them. */
const runStudy = (study: StudySpec, count: number): readonly Trial[] => {
  const trials: Trial[] = []
  for (let number = 0; number < count; number += 1) {
    const suggestion = suggestParameters(study, trials, number)
    if (!suggestion) break
    const { parameters } = suggestion
    const value = objective(parameters)
    const reports = [1, 2, 3].map((step) => ({ step, value: step === 2 ? Number.NaN : value + 1 / step }))
    const states = ['complete', 'complete', 'complete', 'pruned', 'failed', 'running'] as const
    const state = states[(number * 7) % 6]
    trials.push({
      number,
      state,
      ...suggestion,
      ...(state === 'complete' && { values: study.directions.map((_, at) => value * (1 - 2 * at)) }),
      ...(state !== 'failed' && { intermediateValues: reports, constraints: [value - 0.9] }),
    })
  }
  return trials
}

describe('suggestParameters', () => {
  it.each(samplers.map((sampler) => [sampler.kind, sampler.options, sampler] as const))(
    'gives parameters of the space, the same for the same trials: %s %j',
    (_, __, sampler) => {
      const checked = readSpace(space)
      for (const directions of [['minimize'], ['maximize', 'minimize']] as const) {
        if (sampler.kind === 'cmaEs' && directions.length > 1) continue
        const study = { space, directions, sampler, seed: 5 }
        const trials = runStudy(study, 40)
        expect(trials.length).toBe(40)
        for (const { parameters } of trials) expect(() => toPoint(checked, parameters)).not.toThrow()
        const kept: readonly Trial[] = JSON.parse(JSON.stringify(trials).replaceAll('null}', '"NaN"}')).map(
          (trial: Trial) => ({
            ...trial,
            intermediateValues: trial.intermediateValues?.map(({ step, value }) => ({
              step,
              value: Number(value),
            })),
          }),
        )
        expect(suggestParameters(study, kept.toReversed(), 40)).toEqual(suggestParameters(study, trials, 40))
        expect(suggestParameters(study, trials, 40)).not.toEqual(
          suggestParameters({ ...study, seed: 6 }, trials, 40),
        )
      }
    },
  )

  it.each<readonly [string, Partial<StudySpec>, readonly Trial[], RegExp]>([
    ['no objective', { directions: [] }, [], /at least one objective/],
    [
      'a direction that is not one',
      { directions: ['up' as 'minimize'] },
      [],
      /minimize or maximize, not 'up'/,
    ],
    [
      'an unknown sampler',
      { sampler: { kind: 'magic', options: {} } },
      [],
      /no sampler 'magic'; there are random,/,
    ],
    ['an unknown option', { sampler: { kind: 'tpe', options: { gamma: 3 } } }, [], /no option 'gamma'/],
    [
      'parameters that cannot be',
      {},
      [{ number: 4, state: 'running', parameters: { x: 7 } }],
      /trial 4: parameter 'x' is 7/,
    ],
    [
      'a number twice',
      {},
      [
        { number: 4, state: 'running', parameters: { x: 1 } },
        { number: 4, state: 'running', parameters: { x: 0 } },
      ],
      /two trials with the number 4/,
    ],
    [
      'a number that is asked for',
      {},
      [{ number: 9, state: 'failed', parameters: { x: 0 } }],
      /number 9; ask for/,
    ],
    ['a seed that is not one', { seed: 0.5 }, [], /the study's seed must be an integer/],
    [
      'a generation that cannot be',
      {},
      [{ number: 4, state: 'running', parameters: { x: 0 }, generation: 1e9 }],
      /trial 4 has the generation 1000000000; it must be an integer from 0 to 4/,
    ],
    [
      'too few values',
      {},
      [{ number: 4, state: 'complete', parameters: { x: 0 } }],
      /trial 4 has 0 values; the study has 1 objectives/,
    ],
    [
      'a value that is no number',
      {},
      [{ number: 4, state: 'complete', parameters: { x: 0 }, values: [Number.NaN] }],
      /trial 4 is complete and has NaN as value 0; call it failed/,
    ],
  ])('refuses %s', (_, change, trials, message) => {
    const study: StudySpec = {
      space: { x: { kind: 'int', low: 0, high: 1 } },
      directions: ['minimize'],
      sampler: randomSampler(),
      seed: 1,
    }
    expect(() => suggestParameters({ ...study, ...change }, trials, 9)).toThrow(message)
  })
})

it('checkStudy refuses a sampler that does not suit', () => {
  const study = { space, directions: ['minimize', 'minimize'], seed: 1 } as const
  expect(() => checkStudy({ ...study, sampler: autoSampler() })).not.toThrow()
  expect(() => checkStudy({ ...study, sampler: cmaEsSampler() })).toThrow(/takes one objective/)
})

describe('gridSampler', () => {
  it('tries every combination once, conditions respected, and then nothing', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, points) => {
        const study: StudySpec = {
          space,
          directions: ['minimize'],
          sampler: gridSampler({ points, values: { trees: [20, 30], share: [0.5] } }),
          seed,
        }
        const trials = runStudy(study, 200)
        expect(trials.length).toBe(points * (1 + 9 + 9 * 2))
        expect(new Set(trials.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(trials.length)
      }),
      { numRuns: 5 },
    )
  })

  it.each<readonly [string, SearchSpace, object, RegExp]>([
    [
      'an unknown name',
      { x: { kind: 'int', low: 0, high: 1 } },
      { values: { y: [1] } },
      /values of 'y', which/,
    ],
    [
      'a wrong value',
      { x: { kind: 'int', low: 0, high: 1 } },
      { values: { x: [2] } },
      /'x' is 2; it must be/,
    ],
    ['too many values', { x: { kind: 'int', low: 0, high: 1e6 } }, {}, /'x' has 1000001 values, too many/],
    [
      'too many combinations',
      { x: { kind: 'int', low: 0, high: 999 }, y: { kind: 'int', low: 0, high: 999 } },
      {},
      /more than 100000 combinations/,
    ],
  ])('refuses %s', (_, own, options, message) => {
    const study: StudySpec = { space: own, directions: ['minimize'], sampler: gridSampler(options), seed: 1 }
    expect(() => suggestParameters(study, [], 0)).toThrow(message)
  })
})

describe('quasiRandomSampler', () => {
  it('has one of 2^k trials in each of 2^k intervals, numbers of failed trials included', () => {
    const study: StudySpec = {
      space: { x: { kind: 'float', low: 0, high: 32 }, y: { kind: 'int', low: 0, high: 31 } },
      directions: ['minimize'],
      sampler: quasiRandomSampler(),
      seed: 3,
    }
    const points = Array.from({ length: 32 }, (_, number) => suggestParameters(study, [], number)?.parameters)
    expect(new Set(points.map((own) => Math.floor(Number(own?.x)))).size).toBe(32)
    expect(new Set(points.map((own) => own?.y)).size).toBe(32)
  })
})

describe('tpeSampler', () => {
  it('finds the best corner of a mixed space', () => {
    const study: StudySpec = {
      space: { ...space, share: { kind: 'float', low: 0, high: 1 } },
      directions: ['minimize'],
      sampler: tpeSampler(),
      seed: 2,
    }
    const trials = runStudy(study, 80)
    const best = Math.min(...trials.flatMap(({ values }) => values ?? []))
    const first = Math.min(...trials.slice(0, 15).flatMap(({ values }) => values ?? []))
    expect(best).toBeLessThan(0.05)
    expect(best).toBeLessThan(first / 2)
  })
})
