import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import golden from './fixtures/scipy.json' with { type: 'json' }
import { compareAuc } from './paired-auc.ts'
import { compareLogLoss, logLossPerRow } from './paired-log-loss.ts'
import { compareLosses } from './paired-losses.ts'
import { classifiers } from './testing/classifiers.ts'
import { createUniform, relativeError } from './testing/samples.ts'

const pair = classifiers()
const swapped = { labels: pair.labels, champion: pair.challenger, challenger: pair.champion }

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('logLossPerRow', () => {
  it('averages to the log loss of scikit-learn', () => {
    expect(meanOf(logLossPerRow(pair.labels, pair.champion))).toBeCloseTo(golden.logLoss.champion, 12)
    expect(meanOf(logLossPerRow(pair.labels, pair.challenger))).toBeCloseTo(golden.logLoss.challenger, 12)
    logLossPerRow([1, 0, 1], [0, 1, 1]).forEach((loss, i) => {
      expect(loss).toBeCloseTo(golden.logLoss.certain[i], 12)
    })
  })

  it('refuses bad input by name', () => {
    expect(() => logLossPerRow([1], [])).toThrow(/probabilities has 0 entries/)
    expect(() => logLossPerRow([0.5], [0.5])).toThrow(/labels\[0\] is 0.5/)
    expect(() => logLossPerRow([1], [-0.1])).toThrow(/probabilities\[0\] is -0.1/)
  })
})

describe('compareLogLoss', () => {
  it('agrees with scipy', () => {
    const comparison = compareLogLoss(pair)
    expect(comparison.difference).toBeCloseTo(golden.logLoss.difference, 12)
    expect(comparison.standardError).toBeCloseTo(golden.logLoss.standardError, 12)
    expect(relativeError(comparison.pValue, golden.logLoss.pValue)).toBeLessThan(1e-9)
    const half = 1.959963984540054 * golden.logLoss.standardError
    expect(comparison.interval[0]).toBeCloseTo(golden.logLoss.difference - half, 12)
    expect(comparison.interval[1]).toBeCloseTo(golden.logLoss.difference + half, 12)
    expect(comparison.bootstrapInterval).toBeUndefined()
  })

  it('turns around when the two are swapped', () => {
    const [forward, back] = [compareLogLoss(pair), compareLogLoss(swapped)]
    expect(back.difference).toBeCloseTo(-forward.difference, 14)
    expect(back.pValue).toBeCloseTo(1 - forward.pValue, 12)
  })

  it('bootstraps the same interval for the same seed, near the normal one', () => {
    const bootstrap = { resamples: 2000, seed: 1 }
    const first = compareLogLoss(pair, { bootstrap })
    expect(compareLogLoss(pair, { bootstrap })).toEqual(first)
    expect(compareLogLoss(pair, { bootstrap: { resamples: 2000, seed: 2 } })).not.toEqual(first)
    first.bootstrapInterval?.forEach((end, i) => {
      expect(Math.abs(end - first.interval[i])).toBeLessThan(0.25 * first.standardError)
    })
    expect(first.bootstrapInterval).toHaveLength(2)
  })

  it('is defined without any variation', () => {
    const labels = [1, 1, 1]
    const same = { labels, champion: [0.5, 0.5, 0.5], challenger: [0.5, 0.5, 0.5] }
    expect(compareLogLoss(same)).toMatchObject({
      difference: 0,
      standardError: 0,
      interval: [0, 0],
      pValue: 0.5,
    })
    expect(compareLogLoss({ ...same, challenger: [1, 1, 1] })).toMatchObject({ standardError: 0, pValue: 0 })
  })

  it('refuses bad input by name', () => {
    expect(() => compareLogLoss({ labels: [1], champion: [1], challenger: [1] })).toThrow(
      /number of rows is 1/,
    )
    expect(() => compareLogLoss({ ...pair, champion: [1] })).toThrow(/champion has 1 entries, expected 400/)
    expect(() => compareLogLoss({ labels: [1, 0], champion: [1, 0], challenger: [1, 2] })).toThrow(
      /challenger\[1\] is 2/,
    )
    expect(() => compareLogLoss(pair, { confidence: 95 })).toThrow(/confidence is 95/)
    expect(() => compareLogLoss(pair, { bootstrap: { resamples: 5, seed: 1 } })).toThrow(
      /bootstrap.resamples is 5/,
    )
  })
})

describe('compareLosses', () => {
  it('is a paired t statistic with the normal tail', () => {
    // Differences -1, 0, -2, -1: mean -1, sample variance 2/3, standard error sqrt(1/6).
    const made = compareLosses({ champion: [2, 1, 4, 1], challenger: [1, 1, 2, 0] })
    expect(made).toMatchObject({
      rows: 4,
      difference: -1,
      standardError: expect.closeTo(Math.sqrt(1 / 6), 12),
    })
    expect(made.pValue).toBeCloseTo(0.00715294, 8)
  })

  it('refuses bad input by name', () => {
    expect(() => compareLosses({ champion: [1], challenger: [1] })).toThrow(/number of rows is 1/)
    expect(() => compareLosses({ champion: [1, 2], challenger: [1] })).toThrow(/challenger has 1 entries/)
    expect(() => compareLosses({ champion: [1, 2], challenger: [1, Number.NaN] })).toThrow(
      /challenger\[1\] is NaN/,
    )
  })
})

describe('compareAuc', () => {
  it('agrees with all pairs counted one by one, ties included', () => {
    const comparison = compareAuc(pair)
    expect(comparison.championAuc).toBeCloseTo(golden.delong.championAuc, 12)
    expect(comparison.challengerAuc).toBeCloseTo(golden.delong.challengerAuc, 12)
    expect(relativeError(comparison.standardError, golden.delong.standardError)).toBeLessThan(1e-10)
    expect(relativeError(comparison.pValue, golden.delong.pValue)).toBeLessThan(1e-9)
  })

  it('turns around when the two are swapped', () => {
    const [forward, back] = [compareAuc(pair), compareAuc(swapped)]
    expect(back.interval[0]).toBeCloseTo(-forward.interval[1], 14)
    expect(back.pValue).toBeCloseTo(1 - forward.pValue, 12)
  })

  it('sees the ranking only', () => {
    const probability = fc.integer({ min: 0, max: 16 }).map((sixteenths) => sixteenths / 16)
    const row = fc.tuple(fc.constantFrom(0, 1), probability, probability)
    fc.assert(
      fc.property(fc.array(row, { minLength: 8, maxLength: 40 }), (rows) => {
        const labels = [0, 0, 1, 1, ...rows.slice(4).map(([label]) => label)]
        const [champion, challenger] = [rows.map(([, p]) => p), rows.map(([, , p]) => p)]
        const squared = { labels, champion: champion.map((p) => p * p), challenger }
        expect(compareAuc(squared)).toEqual(compareAuc({ labels, champion, challenger }))
      }),
    )
  })

  it('rejects two equally good classifiers at rate alpha', () => {
    const uniform = createUniform(11)
    let rejected = 0
    for (let i = 0; i < 400; i++) {
      const labels = Uint8Array.from({ length: 200 }, () => (uniform() < 0.3 ? 1 : 0))
      const score = (label: number): number => (uniform() + uniform() + 0.4 * label) / 2.4
      const champion = Float64Array.from(labels, score)
      if (compareAuc({ labels, champion, challenger: Float64Array.from(labels, score) }).pValue < 0.05)
        rejected++
    }
    expect(rejected / 400).toBeLessThanOrEqual(0.05 + 0.033)
  })

  it('is defined for equal rankings', () => {
    const same = { labels: [0, 0, 1, 1], champion: [0.1, 0.2, 0.2, 0.9], challenger: [0.1, 0.2, 0.2, 0.9] }
    expect(compareAuc(same)).toMatchObject({ difference: 0, standardError: 0, pValue: 0.5 })
  })

  it('refuses bad input by name', () => {
    const scores = [0.1, 0.2, 0.3]
    expect(() => compareAuc({ labels: [1, 1, 0], champion: scores, challenger: scores })).toThrow(
      /at least two of each/,
    )
    expect(() => compareAuc({ labels: [], champion: [], challenger: [] })).toThrow(/0 positive of 0 rows/)
    expect(() => compareAuc({ ...pair, challenger: scores })).toThrow(/challenger has 3 entries/)
    expect(() => compareAuc({ ...pair, champion: pair.labels, labels: pair.champion })).toThrow(/labels\[0\]/)
  })
})
