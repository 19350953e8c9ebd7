import { describe, expect, it } from 'vitest'
import { relativeError } from '../../../testing/frames.ts'
import type { SearchSpace } from '../../parameter.ts'
import { type StudySpec, suggestParameters } from '../../suggest.ts'
import type { Trial } from '../../trial.ts'
import { expectAll, expectFeasible, expectImprovement } from './acquisition.ts'
import { logImprovement } from './expected-improvement.ts'
import { fitCovariance, negativeLogPosterior } from './fit-covariance.ts'
import fixture from './fixtures/gaussian-process.json' with { type: 'json' }
import { gaussianProcessSampler } from './gaussian-process.ts'
import { createProcess, type Sample } from './regression.ts'

const sample: Sample = {
  width: 3,
  categorical: Uint8Array.of(0, 0, 1),
  coordinates: Float64Array.from(fixture.x),
  values: Float64Array.from(fixture.y),
}
const logs = Float64Array.from(fixture.logs)
const covariance = {
  weights: logs.subarray(0, 3).map(Math.exp),
  scale: Math.exp(logs[3]),
  noise: 1e-6 + Math.exp(logs[4]),
}

/** Central differences of a function of several numbers. */
const differences = (compute: (point: Float64Array) => number, point: Float64Array): Float64Array =>
  point.map(
    (value, at) => (compute(point.with(at, value + 1e-5)) - compute(point.with(at, value - 1e-5))) / 2e-5,
  )

describe('the Gaussian process', () => {
  it('has the posterior that dense algebra gives', () => {
    const { predict } = createProcess(sample, covariance)
    const predictions = fixture.points.map((point) => predict(Float64Array.from(point)))
    expect(
      relativeError(
        predictions.map(({ mean }) => mean),
        fixture.means,
      ),
    ).toBeLessThan(1e-10)
    expect(
      relativeError(
        predictions.map(({ deviation }) => deviation),
        fixture.deviations,
      ),
    ).toBeLessThan(1e-10)
  })

  it('has the likelihood that dense algebra gives, and its slope', () => {
    const gradient = new Float64Array(5)
    expect(negativeLogPosterior(sample, logs, gradient)).toBeCloseTo(fixture.loss, 9)
    const expected = differences((own) => negativeLogPosterior(sample, own, new Float64Array(5)), logs)
    expect(relativeError(gradient, expected)).toBeLessThan(1e-6)
  })

  it('finds parameters where the slope is 0', () => {
    const { weights, scale, noise } = fitCovariance(sample)
    const found = Float64Array.of(...weights, scale, noise - 1e-6).map(Math.log)
    const gradient = new Float64Array(5)
    const loss = negativeLogPosterior(sample, found, gradient)
    expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(0.02)
    expect(loss).toBeLessThan(fixture.loss)
  })
})

describe('logImprovement', () => {
  it.each(fixture.improvements)('of %d is %d', (z, expected) => {
    expect(Math.abs(logImprovement(z) - expected) / Math.max(1, Math.abs(expected))).toBeLessThan(1e-9)
  })
})

it('knows the slope of what is expected', () => {
  const process = createProcess(sample, covariance)
  for (const acquisition of [
    expectImprovement(process, -1),
    expectImprovement(process, -8),
    expectFeasible(process, -0.5),
    expectAll([expectImprovement(process, 0), expectFeasible(process, 1)]),
  ])
    for (const point of fixture.points.map((own) => Float64Array.from(own))) {
      const gradient = new Float64Array(3)
      acquisition(point, gradient)
      const expected = differences((own) => acquisition(own.with(2, point[2])), point).with(2, 0)
      gradient.forEach((slope, at) => {
        expect(Math.abs(slope - expected[at])).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected[at])))
      })
    }
})

describe('gaussianProcessSampler', () => {
  const study: StudySpec = {
    space: {
      model: { kind: 'categorical', choices: ['line', 'tree'] },
      x: { kind: 'float', low: -2, high: 2 },
      depth: { kind: 'int', low: 1, high: 9, when: { model: ['tree'] } },
    } satisfies SearchSpace,
    directions: ['maximize'],
    sampler: gaussianProcessSampler({ startupTrials: 6 }),
    seed: 4,
  }
  const evaluate = ({ model, x, depth }: Trial['parameters']): number =>
    model === 'tree' ? 1 - (Number(x) - 0.5) ** 2 - ((Number(depth) - 6) / 4) ** 2 : -(Number(x) ** 2)

  it('finds the best of a conditional space, and keeps to constraints', () => {
    const trials: Trial[] = []
    for (let number = 0; number < 24; number += 1) {
      const suggestion = suggestParameters(study, trials, number)
      if (!suggestion) throw new Error('nothing left to try')
      const { parameters } = suggestion
      const constraints = [Number(parameters.x) - 0.3]
      trials.push({ number, state: 'complete', parameters, values: [evaluate(parameters)], constraints })
    }
    const feasible = trials.filter(({ parameters }) => Number(parameters.x) <= 0.3)
    expect(Math.max(...feasible.map(({ parameters }) => evaluate(parameters)))).toBeGreaterThan(0.95)
    expect(feasible.length).toBeGreaterThan(12)
  })

  it('asks for other places while trials are running, and takes infinite values', () => {
    const trials: Trial[] = Array.from({ length: 12 }, (_, number) => ({
      number,
      state: 'complete',
      parameters: { model: 'line', x: number / 3 - 2 },
      values: [number === 3 ? Number.NEGATIVE_INFINITY : -((number / 3 - 2) ** 2)],
    }))
    const asked = new Set<string>()
    for (let number = 12; number < 16; number += 1) {
      const suggestion = suggestParameters(study, trials, number)
      trials.push({ number, state: 'running', parameters: suggestion?.parameters ?? {} })
      asked.add(JSON.stringify(suggestion?.parameters))
    }
    expect(asked.size).toBe(4)
  })

  it('refuses several objectives', () => {
    expect(() => suggestParameters({ ...study, directions: ['minimize', 'minimize'] }, [], 0)).toThrow(
      /takes one objective, not 2; use the TPE/,
    )
  })
})
