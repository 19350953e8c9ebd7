import { categoricalColumn, classTarget, createFrame, numberTarget } from '@millrace/learn'
import { describe, expect, it } from 'vitest'
import { type EvaluationInput, evaluateModel } from './evaluate-model.ts'
import { comparedScores } from './evaluation.ts'
import { evaluationPlots } from './evaluation-plots.ts'
import { renderEvaluation } from './evaluation-report.ts'

const refused = (input: string) =>
  expect.objectContaining({ code: 'step.input_invalid', details: expect.objectContaining({ input }) })
const times = (rows: number) => Float64Array.from({ length: rows }, (_, at) => at + 1)

const classes = ['no', 'yes']
const ofTwo = (...positive: number[]) => ({
  task: 'classification' as const,
  classes,
  probabilities: Float64Array.from(positive.flatMap((p) => [1 - p, p])),
})
const binary: EvaluationInput = {
  model: { digest: 'd', runId: 'r' },
  task: 'binary-classification',
  rows: {
    set: 's',
    digest: 't',
    times: times(4),
    target: classTarget(['yes', 'yes', 'no', 'no']),
    slices: undefined,
  },
  prediction: ofTwo(0.75, 0.5, 0.5, 0.25),
  baselines: undefined,
  champion: undefined,
  gate: { metrics: { rocAuc: { min: 0.5 } } },
  costs: undefined,
}
const regression: EvaluationInput = {
  ...binary,
  task: 'regression',
  rows: { ...binary.rows, target: numberTarget([1, 2, 3, 4]) },
  prediction: { task: 'regression', values: Float64Array.of(1, 2, 3, 6) },
  gate: { metrics: { meanAbsoluteError: { max: 0.5 }, rootMeanSquaredError: { max: 1 } } },
}

describe('evaluateModel', () => {
  it('measures two classes', () => {
    const made = evaluateModel({ ...binary, costs: { falsePositive: 1, falseNegative: 4 } })
    const logLoss = (2 * -Math.log(0.75) + 2 * Math.LN2) / 4
    expect(made).toMatchObject({
      kind: 'evaluation',
      task: 'binary-classification',
      classes,
      rows: 4,
      from: 1,
      through: 4,
      // Pairs: 2 right, 1 tied, 1 right.
      scores: {
        rocAuc: 0.875,
        logLoss: expect.closeTo(logLoss, 12),
        brierScore: (2 * 0.0625 + 2 * 0.25) / 4,
      },
      calibration: { meanPredicted: 0.5, observedRate: 0.5 },
      // Above 0.375 two are found and one is a false alarm; above 0.5 one is missed.
      threshold: { threshold: 0.375, meanCost: 0.25, meanCostAtHalf: 1, confusion: { falsePositives: 1 } },
      baselines: [],
      champion: null,
      passed: true,
      reason: 'passed: rocAuc 0.875 (at least 0.5)',
    })
    expect(made.calibration?.bins.reduce((sum, { count }) => sum + count, 0)).toBe(4)
  })

  it('measures more classes, and what the model does not know as mistakes', () => {
    const made = evaluateModel({
      ...binary,
      task: 'multiclass-classification',
      rows: { ...binary.rows, times: times(3), target: classTarget(['a', 'b', 'd']) },
      prediction: {
        task: 'classification',
        classes: ['a', 'b', 'c'],
        probabilities: Float64Array.of(0.5, 0.25, 0.25, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6),
      },
      gate: { metrics: { accuracy: { min: 0.7 } } },
    })
    expect(made).toMatchObject({
      classes: ['a', 'b', 'c'],
      scores: { accuracy: expect.closeTo(2 / 3, 12) },
      calibration: null,
      passed: false,
      reason: 'failed: accuracy 0.6667 (at least 0.7)',
    })
  })

  it('measures numbers', () => {
    expect(evaluateModel(regression)).toMatchObject({
      classes: null,
      scores: { meanAbsoluteError: 0.5, rootMeanSquaredError: 1, r2: expect.closeTo(1 - 4 / 5, 12) },
      calibration: null,
      reason: 'passed: meanAbsoluteError 0.5 (at most 0.5); rootMeanSquaredError 1 (at most 1)',
    })
  })

  it('wants every part of the gate to hold', () => {
    const baselines = {
      digest: 'h',
      predicted: [
        { name: 'mean', prediction: { task: 'regression' as const, values: Float64Array.of(2, 2, 2, 2) } },
      ],
    }
    const gate = { ...regression.gate, baseline: { margins: { r2: 0.1, meanAbsoluteError: 0.6 } } }
    const made = evaluateModel({ ...regression, baselines, gate })
    // The errors of the mean are 1, 0, 1 and 2: r2 1 - 6/5, mean 1.
    expect(made.checks.map(({ passed }) => passed)).toEqual([true, true, true, false])
    expect(made).toMatchObject({
      baselineData: 'h',
      baselines: [{ name: 'mean', scores: { r2: expect.closeTo(-0.2, 12), meanAbsoluteError: 1 } }],
      passed: false,
      reason: 'failed: meanAbsoluteError 0.5 against 1 of the mean (at least 0.6 better)',
    })
    expect(comparedScores(made)).toMatchObject({ r2: expect.closeTo(0.2), baselineR2: expect.closeTo(-0.2) })
  })

  it('gives slices by columns, the worst first, with the standard error of their loss', () => {
    const slices = createFrame({
      city: categoricalColumn(['a', 'b', 'b', 'b']),
      // Asked about, and not in the gate.
      asked: categoricalColumn(['x', 'x', 'x', 'y']),
    })
    const gate = { slices: { by: ['city'], minimumRows: 1, metrics: { meanAbsoluteError: { max: 0.5 } } } }
    const made = evaluateModel({ ...regression, rows: { ...regression.rows, slices }, gate })
    expect(made.checks).toHaveLength(1)
    expect(made.slices).toEqual([
      {
        column: 'city',
        count: 2,
        slices: [
          // Losses 0, 0 and 2: variance 4/3, of the mean 4/9.
          expect.objectContaining({
            slice: 'b',
            rows: 3,
            loss: 2 / 3,
            standardError: expect.closeTo(2 / 3, 12),
          }),
          expect.objectContaining({ slice: 'a', rows: 1, loss: 0, standardError: 0 }),
        ],
      },
      expect.objectContaining({ column: 'asked', count: 2 }),
    ])
    expect(made.reason).toBe(
      'failed: meanAbsoluteError by city (at most 0.5) not in 1 of 2 slices: b 0.6667 (3 rows)',
    )
    expect(evaluateModel({ ...regression, rows: { ...regression.rows, slices } }).slices[0].count).toBe(0)
  })

  it.each([
    ['gate.metrics.accuracy', regression, { metrics: { accuracy: { min: 1 } } }],
    ['gate.metrics.r2', binary, { metrics: { r2: { min: 1 } } }],
    ['gate.baseline.margins.r2', binary, { baseline: { margins: { r2: 1 } } }],
    ['gate.slices.metrics.r2', binary, { slices: { by: ['x'], metrics: { r2: { min: 1 } } } }],
  ])('refuses %s of another task', (input, given, gate) => {
    expect(() => evaluateModel({ ...given, gate })).toThrow(refused(input))
  })

  it('refuses costs without two classes, and metrics that the rows do not define', () => {
    const costs = { falsePositive: 1, falseNegative: 1 }
    expect(() => evaluateModel({ ...regression, costs })).toThrow(refused('costs'))
    const three: EvaluationInput = {
      ...binary,
      task: 'multiclass-classification',
      rows: { ...binary.rows, times: times(2), target: classTarget(['a', 'b']) },
      prediction: {
        task: 'classification',
        classes: ['a', 'b', 'c'],
        probabilities: Float64Array.of(0.5, 0.25, 0.25, 0.25, 0.5, 0.25),
      },
    }
    expect(
      evaluateModel({ ...three, gate: { metrics: { accuracy: { min: 1 } } } }).scores,
    ).not.toHaveProperty('rocAuc')
    expect(() => evaluateModel({ ...three, gate: { metrics: { rocAuc: { min: 0.5 } } } })).toThrow(
      expect.objectContaining({ code: 'evaluation.data_unusable' }),
    )
  })
})

describe('the comparison with the champion', () => {
  const labels = Array.from({ length: 400 }, (_, at) => (at % 2 === 1 ? 'yes' : 'no'))
  const scored = (good: number) =>
    ofTwo(...labels.map((label, at) => (label === 'yes' ? good : 1 - good) + ((at * 7) % 11) / 200))
  const judge = (model: number, champion: number, over = {}) =>
    evaluateModel({
      ...binary,
      rows: { ...binary.rows, times: times(400), target: classTarget(labels) },
      prediction: scored(model),
      champion: { name: 'm/1', prediction: scored(champion) },
      gate: { champion: { alpha: 0.05, ...over } },
    })

  it('wants better, not equal or worse', () => {
    const better = judge(0.8, 0.7)
    expect(better).toMatchObject({ passed: true, champion: { champion: 'm/1', metric: 'logLoss' } })
    expect(comparedScores(better).championLogLoss).toBeCloseTo(judge(0.7, 0.8).scores.logLoss, 12)
    expect(judge(0.7, 0.7)).toMatchObject({ passed: false, reason: expect.stringMatching(/p = 0.5 /) })
    expect(judge(0.7, 0.8).passed).toBe(false)
    expect(judge(0.8, 0.7, { metric: 'brierScore' })).toMatchObject({
      reason: expect.stringMatching(/^passed: brierScore 0.0\d+ against 0.0\d+ of the champion m\/1, p = /),
    })
  })

  it('is content with surely not worse if a margin says so', () => {
    expect(judge(0.7, 0.7, { nonInferiorityMargin: 0.01 }).passed).toBe(true)
    expect(judge(0.7, 0.8, { nonInferiorityMargin: 0.01 }).passed).toBe(false)
  })

  it('compares numbers by their squared errors', () => {
    const champion = {
      name: 'm/1',
      prediction: { task: 'regression' as const, values: Float64Array.of(2, 4, 4, 6) },
    }
    const gate = { champion: { alpha: 0.25 } }
    const made = evaluateModel({ ...regression, champion, gate })
    // Squared errors 0, 0, 0, 4 against 1, 4, 1, 4.
    expect(made.champion).toMatchObject({ metric: 'meanSquaredError', comparison: { difference: -1.5 } })
    expect(made.reason).toMatch(/^passed: meanSquaredError 1 against 2.5 of the champion m\/1/)
  })

  it('fails with the reason if the champion cannot be compared', () => {
    const champion = { name: 'm/1', problem: 'it is a model for regression' }
    const made = evaluateModel({ ...binary, champion, gate: { champion: { alpha: 0.05 } } })
    expect(made).toMatchObject({
      passed: false,
      champion: null,
      reason: expect.stringMatching(
        /^failed: the champion m\/1 cannot be compared: it is a model for regression/,
      ),
    })
  })
})

describe('what is shown', () => {
  it('has plots for each task, and slices if there are any', () => {
    const slices = createFrame({ city: categoricalColumn(['a', 'b', 'b', 'b']) })
    const gate = { slices: { by: ['city'], minimumRows: 1, metrics: { logLoss: { max: 5 } } } }
    const two = { ...binary, rows: { ...binary.rows, slices }, gate }
    const plotsOf = (input: EvaluationInput) =>
      Object.keys(evaluationPlots(evaluateModel(input), input.rows.target, input.prediction))
    expect(plotsOf(two)).toEqual(['calibration', 'roc', 'precision_recall', 'confusion_matrix', 'slices'])
    expect(plotsOf(regression)).toEqual(['residuals'])
    const three: EvaluationInput = {
      ...binary,
      task: 'multiclass-classification',
      rows: { ...binary.rows, target: classTarget(['a', 'b', 'c', 'a']) },
      prediction: {
        task: 'classification',
        classes: ['a', 'b', 'c'],
        probabilities: Float64Array.of(0.5, 0.2, 0.3, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6, 0.6, 0.2, 0.2),
      },
    }
    expect(plotsOf(three)).toEqual(['roc', 'confusion_matrix'])
  })

  it('is a page that loads nothing, with every text escaped', () => {
    const slices = createFrame({ '<b>': categoricalColumn(['<i>', 'b', 'b', 'b']) })
    const gate = { slices: { by: ['<b>'], minimumRows: 1, metrics: { logLoss: { max: 5 } } } }
    const page = renderEvaluation(evaluateModel({ ...binary, rows: { ...binary.rows, slices }, gate }), {
      roc: '<svg/>',
    })
    expect(page).toContain('By &#60;b&#62;')
    expect(page).not.toMatch(/<b>|<i>|<svg/)
    expect(page.match(/(?:src|href)="[^"]{0,26}/g)).toEqual(['src="data:image/svg+xml;base64,'.slice(0, 31)])
  })
})
