import { describe, expect, it } from 'vitest'
import { normalCdf, normalQuantile } from '../normal.ts'
import { createRandom } from '../random.ts'
import { classTarget, numberTarget } from '../target.ts'
import { bootstrap } from './bootstrap.ts'
import { bcaInterval, percentileInterval } from './confidence-interval.ts'
import golden from './fixtures/intervals.json' with { type: 'json' }

describe('intervals', () => {
  it.each(golden.cases)('as scipy: $name', ({ estimate, ...example }) => {
    const distribution = Float64Array.from(example.distribution)
    const jackknife = Float64Array.from(example.jackknife)
    const bca = bcaInterval({ estimate, distribution, jackknife }, golden.confidence)
    expect(bca.low).toBeCloseTo(example.bca[0], 10)
    expect(bca.high).toBeCloseTo(example.bca[1], 10)
    const { low, high } = percentileInterval(distribution, golden.confidence)
    expect([low, high]).toEqual(example.percentile.map((value) => expect.closeTo(value, 10)))
  })

  it('are those of percentiles where nothing can be corrected', () => {
    const distribution = Float64Array.of(1, 1, 1)
    const parts = { estimate: 1, distribution, jackknife: Float64Array.of(1, 1) }
    expect(bcaInterval(parts, 0.9)).toEqual({ low: 1, high: 1 })
    expect(bcaInterval({ ...parts, estimate: 2 }, 0.9)).toEqual({ low: 1, high: 1 })
  })
})

describe('normal distribution as scipy', () => {
  it.each(golden.normalCdf)('cdf(%d)', (z, share) => {
    expect(Math.abs(normalCdf(z) / share - 1)).toBeLessThan(1e-12)
  })

  it.each(golden.normalQuantile)('quantile(%d)', (share, z) => {
    expect(normalQuantile(share)).toBeCloseTo(z, 13)
  })
})

const random = createRandom(1)
const uniform = () => random.uint32() / 2 ** 32
const numbers = Array.from({ length: 80 }, () => uniform() * 10)
const predicted = numbers.map((value) => value + uniform() - 0.5)
const regression = { task: 'regression', values: Float64Array.from(predicted) } as const
const shares = numbers.map((value) => value / 10)
const binary = {
  task: 'classification',
  classes: [false, true],
  probabilities: Float64Array.from(shares.flatMap((share) => [1 - share, share])),
} as const
const labels = shares.map((share) => uniform() < share)

describe('bootstrap', () => {
  it.each(['percentile', 'bca'] as const)('surrounds the estimate: %s', (method) => {
    const options = { method, resamples: 200, metrics: ['meanAbsoluteError', 'r2'] }
    const found = bootstrap(regression, numberTarget(numbers), options)
    for (const { low, estimate, high, samples } of Object.values(found)) {
      expect(low < estimate && estimate < high).toBe(true)
      expect(samples).toBe(200)
    }
    // The standard error of a mean is known.
    const errors = numbers.map((value, row) => Math.abs(value - predicted[row]))
    const mean = errors.reduce((sum, value) => sum + value) / 80
    const known = Math.sqrt(errors.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 80 / 80)
    expect(found.meanAbsoluteError.standardError / known).toBeGreaterThan(0.85)
    expect(found.meanAbsoluteError.standardError / known).toBeLessThan(1.15)
  })

  it('corrects many rows by blocks nearly as by every row', () => {
    // Skewed errors, so that the acceleration counts; above 1000 rows it comes from 200 blocks.
    const errors = Float64Array.from({ length: 1600 }, () => -Math.log(1 - uniform()))
    const rows = { task: 'regression', values: errors } as const
    const options = { resamples: 300, metrics: ['meanAbsoluteError'] }
    const { meanAbsoluteError } = bootstrap(rows, numberTarget(errors.map(() => 0)), options)
    const total = errors.reduce((sum, value) => sum + value, 0)
    // The same samples with the jackknife over every row: drawn once more by the same seed.
    const draws = createRandom(0)
    const distribution = Float64Array.from({ length: 300 }, () => {
      let sum = 0
      for (let row = 0; row < errors.length; row += 1) sum += errors[draws.below(errors.length)]
      return sum / errors.length
    })
    const jackknife = errors.map((value) => (total - value) / (errors.length - 1))
    const exact = bcaInterval({ estimate: total / errors.length, distribution, jackknife }, 0.95)
    const { low, high, standardError } = meanAbsoluteError
    expect(Math.abs(low - exact.low) / standardError).toBeLessThan(0.1)
    expect(Math.abs(high - exact.high) / standardError).toBeLessThan(0.1)
    expect(low).not.toBe(exact.low)
  })

  it('gives the same for the same seed', () => {
    const options = { resamples: 20, metrics: ['rocAuc'], stratified: true }
    const first = bootstrap(binary, classTarget(labels), { ...options, seed: 4 })
    expect(bootstrap(binary, classTarget(labels), { ...options, seed: 4 })).toEqual(first)
    expect(bootstrap(binary, classTarget(labels), { ...options, seed: 5 })).not.toEqual(first)
  })

  it('draws rare classes into every sample if stratified', () => {
    const rare = labels.map((_, row) => row === 0)
    const options = { resamples: 50, metrics: ['rocAuc'] }
    const { rocAuc } = bootstrap(binary, classTarget(rare), {
      ...options,
      stratified: true,
      method: 'percentile',
    })
    expect(rocAuc.samples).toBe(50)
    const plain = bootstrap(binary, classTarget(rare), { ...options, method: 'percentile' })
    expect(plain.rocAuc.samples).toBeLessThan(50)
  })

  it('draws the rows of a query together', () => {
    const queries = numbers.map((_, row) => Math.floor(row / 4))
    const { ndcg } = bootstrap(regression, numberTarget(numbers), {
      queries,
      metrics: ['ndcg'],
      resamples: 30,
    })
    expect(ndcg.low <= ndcg.estimate && ndcg.estimate <= ndcg.high).toBe(true)
  })

  it('refuses bad input', () => {
    const target = numberTarget(numbers)
    expect(() => bootstrap(regression, target, { resamples: 0 })).toThrow('resamples must be')
    expect(() => bootstrap(regression, target, { confidence: 95 })).toThrow('confidence must be')
    expect(() => bootstrap(regression, target, { stratified: true })).toThrow(
      'a stratified bootstrap needs classes',
    )
    const one = labels.map(() => true)
    expect(() => bootstrap(binary, classTarget(one), { metrics: ['rocAuc'] })).toThrow(
      'ROC needs both classes',
    )
  })
})
