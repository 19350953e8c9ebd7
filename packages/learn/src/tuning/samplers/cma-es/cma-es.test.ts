import { describe, expect, it } from 'vitest'
import { type StudySpec, suggestParameters } from '../../suggest.ts'
import type { Trial } from '../../trial.ts'
import { cmaEsSampler } from './cma-es.ts'

const study: StudySpec = {
  space: {
    x: { kind: 'float', low: -4, high: 6 },
    y: { kind: 'float', low: 1e-4, high: 1, log: true },
    n: { kind: 'int', low: 0, high: 200 },
    shape: { kind: 'categorical', choices: ['a', 'b'] },
  },
  directions: ['minimize'],
  sampler: cmaEsSampler(),
  seed: 3,
}

/** A narrow valley: x and log y must go together. */
const evaluate = ({ x, y, n, shape }: Trial['parameters']): number => {
  const power = Math.log10(Number(y)) + 2
  return 100 * (Number(x) - power) ** 2 + power ** 2 + (Number(n) / 50 - 1) ** 2 + (shape === 'b' ? 0 : 1)
}

const runStudy = (count: number, fail: (number: number) => boolean = () => false): readonly Trial[] => {
  const trials: Trial[] = []
  for (let number = 0; number < count; number += 1) {
    const suggestion = suggestParameters(study, trials, number)
    if (!suggestion) throw new Error('nothing left to try')
    trials.push(
      fail(number)
        ? { number, state: 'failed', ...suggestion }
        : { number, state: 'complete', ...suggestion, values: [evaluate(suggestion.parameters)] },
    )
  }
  return trials
}

describe('cmaEsSampler', () => {
  it('follows a narrow valley, whatever fails on the way', () => {
    const trials = runStudy(200, (number) => number % 9 === 4)
    expect(Math.min(...trials.flatMap(({ values }) => values ?? []))).toBeLessThan(0.1)
  })

  it('has 4 + 3 ln(3) trials that succeed in a generation', () => {
    const trials = runStudy(30, (number) => number === 2)
    const generations = trials.map(({ generation }) => generation)
    expect(generations.filter((generation) => generation === 0).length).toBe(8)
    expect(generations.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  it('goes on when all points of many generations are the same', () => {
    const own = { ...study, space: { n: study.space.n, x: { kind: 'int', low: 0, high: 3 } } } as const
    const trials: Trial[] = Array.from({ length: 1200 }, (_, number) => ({
      number,
      state: 'complete',
      parameters: { n: 100, x: 1 },
      values: [0],
      generation: Math.floor(number / 6),
    }))
    expect(suggestParameters(own, trials, 1200)).toEqual({ parameters: { n: 100, x: 1 }, generation: 200 })
  })

  it('leaves alone what has no numbers, and refuses several objectives', () => {
    const { shape } = study.space
    expect(suggestParameters({ ...study, space: { shape } }, [], 0)?.generation).toBeUndefined()
    expect(() => suggestParameters({ ...study, directions: ['minimize', 'minimize'] }, [], 0)).toThrow(
      /CMA-ES sampler takes one objective, not 2/,
    )
  })
})
