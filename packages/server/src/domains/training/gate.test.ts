import { describe, expect, it } from 'vitest'
import type { SliceScores } from './evaluation-slices.ts'
import { checkGate, type Gate, readGate } from './gate.ts'
import { checkBaseline, checkMetrics, checkSlices, summarise } from './gate-checks.ts'

const refused = (input: string, reason: string | RegExp = /./) =>
  expect.objectContaining({
    code: 'step.input_invalid',
    details: { input, reason: expect.stringMatching(reason) },
  })

describe('readGate', () => {
  it('takes every part alone and all together', () => {
    const parts: Gate = {
      metrics: { logLoss: { max: 0.4 } },
      baseline: { groupBy: ['hour', 'origin'], margins: { rocAuc: 0.02 } },
      champion: { alpha: 0.05, nonInferiorityMargin: 0.01, metric: 'brierScore' },
      slices: { by: ['origin'], minimumRows: 100, metrics: { accuracy: { min: 0.5 } } },
    }
    expect(readGate(parts)).toEqual(parts)
    for (const [name, part] of Object.entries(parts))
      expect(readGate({ [name]: part })).toEqual({ [name]: part })
  })

  it.each([
    ['gate', {}, /let every model pass/],
    ['gate.metrics', { metrics: {} }, /./],
    ['gate.metrics.rmse', { metrics: { rmse: { max: 1 } } }, /no metric 'rmse'; there are accuracy,/],
    ['gate.metrics.r2', { metrics: { r2: {} } }, /./],
    ['gate.metrics.r2', { metrics: { r2: { min: 1, max: 0 } } }, /no value is at least 1 and at most 0/],
    ['gate.baseline.margins', { baseline: { margins: {} } }, /./],
    ['gate.baseline.margins.auc', { baseline: { margins: { auc: 1 } } }, /no metric 'auc'/],
    ['gate.champion.alpha', { champion: { alpha: 0.5 } }, /./],
    ['gate.slices.by', { slices: { by: [], metrics: { r2: { min: 0 } } } }, /./],
    ['gate.slices.metrics.auc', { slices: { by: ['a'], metrics: { auc: { min: 0 } } } }, /no metric/],
    ['gate.aucMargin', { aucMargin: 0.02 }, /not known/],
  ])('refuses %s of %j', (input, gate, reason) => {
    expect(() => readGate(gate)).toThrow(refused(input, reason))
  })
})

describe('checkGate', () => {
  const given = { task: 'regression', trainingData: undefined, champion: null } as const
  const metrics = { r2: { min: 0 } }

  it('wants what its parts need, and nothing that no part has use for', () => {
    expect(() => checkGate({ metrics }, given)).not.toThrow()
    expect(() => checkGate({ metrics }, { ...given, trainingData: {} })).toThrow(refused('trainingData'))
    expect(() => checkGate({ metrics }, { ...given, champion: 'm' })).toThrow(
      refused('champion', /the gate has no/),
    )
    const champion = { alpha: 0.05 }
    expect(() => checkGate({ champion }, given)).toThrow(refused('champion', /name it/))
    expect(() => checkGate({ champion }, { ...given, champion: 'm' })).not.toThrow()
  })

  it('refuses a loss of another task', () => {
    const champion = { alpha: 0.05, metric: 'logLoss' } as const
    expect(() => checkGate({ champion }, { ...given, champion: 'm' })).toThrow(
      refused('gate.champion.metric', /for regression are compared by meanSquaredError or meanAbsoluteError/),
    )
  })
})

describe('checks', () => {
  it('holds limits, both ends included', () => {
    const found = checkMetrics(
      { r2: 0.5, meanAbsoluteError: 2 },
      { r2: { min: 0.5, max: 0.5 }, meanAbsoluteError: { max: 1.9999 } },
    )
    expect(found).toEqual([
      { passed: true, detail: 'r2 0.5 (at least 0.5 and at most 0.5)' },
      { passed: false, detail: 'meanAbsoluteError 2 (at most 1.9999)' },
    ])
    expect(summarise(found)).toEqual({
      passed: false,
      reason: 'failed: meanAbsoluteError 2 (at most 1.9999)',
    })
    expect(summarise([found[0]]).reason).toBe('passed: r2 0.5 (at least 0.5 and at most 0.5)')
  })

  it.each([
    [0.75, 0.25, [true, true]],
    [0.7499, 0.25, [false, true]],
    [0.9, 0.2501, [true, false]],
    [0.4, 0.7, [false, false]],
  ])('wants ROC AUC %d higher and log loss %d lower by their margins', (rocAuc, logLoss, expected) => {
    const baseline = { name: 'class rates', scores: { rocAuc: 0.5, logLoss: 0.5 } }
    const found = checkBaseline({ rocAuc, logLoss }, baseline, { rocAuc: 0.25, logLoss: 0.25 })
    expect(found.map(({ passed }) => passed)).toEqual(expected)
    expect(found[0].detail).toBe(`rocAuc ${rocAuc} against 0.5 of the class rates (at least 0.25 better)`)
  })

  it('wants every slice within the limits, and at least one that says something', () => {
    const slice = (name: string, accuracy?: number): SliceScores => ({
      slice: name,
      condition: { kind: 'category', value: name },
      rows: 50,
      scores: accuracy === undefined ? {} : { accuracy },
      loss: 1,
      standardError: 0.1,
    })
    const column = (...slices: SliceScores[]) => [{ column: 'origin', count: slices.length, slices }]
    const metrics = { accuracy: { min: 0.5 } }
    expect(checkSlices(column(slice('A', 0.5), slice('B')), { metrics })).toEqual([
      { passed: true, detail: 'accuracy by origin (at least 0.5) in all 1 slices' },
    ])
    const wrong = ['A', 'B', 'C', 'D'].map((name) => slice(name, 0.4))
    expect(checkSlices(column(...wrong, slice('E', 0.9)), { metrics })).toEqual([
      {
        passed: false,
        detail:
          'accuracy by origin (at least 0.5) not in 4 of 5 slices: A 0.4 (50 rows), B 0.4 (50 rows), C 0.4 (50 rows) and 1 more',
      },
    ])
    expect(checkSlices(column(slice('A')), { metrics })).toEqual([
      { passed: false, detail: 'accuracy by origin (at least 0.5): no slice is large enough to judge' },
    ])
  })
})
