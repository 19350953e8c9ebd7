import { describe, expect, it } from 'vitest'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import { logLoss } from '../metrics/probability-scores.ts'
import { rocAuc } from '../metrics/roc-auc.ts'
import { createRandom } from '../random.ts'
import { fitForestClassifier } from './fit.ts'
import golden from './fixtures/scikit-learn-forest.json' with { type: 'json' }
import { listImportances } from './model.ts'
import type { ForestOptions } from './options.ts'
import { predictProbability } from './predict.ts'

const toFrame = (rows: readonly (readonly number[])[]): Frame =>
  createFrame(
    Object.fromEntries(
      [0, 1, 2, 3].map((index) => [`x${index}`, numericColumn(rows.map((row) => row[index]))]),
    ),
  )

describe('fitForestClassifier', () => {
  it('is as good as the forest of scikit-learn', () => {
    const options = { nEstimators: 100, maxDepth: 6, minSamplesLeaf: 3, maxFeatures: 2 }
    const { rows, labels, trainRows } = golden
    const fresh = toFrame(rows.slice(trainRows))
    const target = labels.slice(trainRows)
    const runs = [1, 2, 3, 4, 5].map((seed) => {
      const model = fitForestClassifier(toFrame(rows.slice(0, trainRows)), labels.slice(0, trainRows), {
        ...options,
        seed,
      })
      const predicted = predictProbability(model, fresh)
      return {
        auc: rocAuc(target, predicted),
        loss: logLoss(target, predicted),
        importance: model.importance,
      }
    })
    const mean = (pick: (run: (typeof runs)[number]) => number): number =>
      runs.reduce((sum, run) => sum + pick(run), 0) / runs.length
    expect(Math.abs(mean((run) => run.auc) - golden.rocAuc)).toBeLessThan(0.01)
    expect(Math.abs(mean((run) => run.loss) - golden.logLoss)).toBeLessThan(0.01)
    golden.importance.forEach((value, feature) => {
      expect(Math.abs(mean((run) => run.importance[feature]) - value)).toBeLessThan(0.02)
    })
  })

  const random = createRandom(5)
  const x = Array.from({ length: 500 }, () => random.below(100))
  const noise = x.map(() => random.below(100))
  const target = x.map((value) => (value >= 40 ? 1 : 0))
  const frame = createFrame({ noise: numericColumn(noise), x: numericColumn(x) })

  it('gives the same model for the same seed and another for another', () => {
    const fit = (seed: number) => fitForestClassifier(frame, target, { nEstimators: 5, seed })
    expect(fit(1)).toEqual(fit(1))
    expect(fit(1)).not.toEqual(fit(2))
  })

  it('finds the rule with one tree on every row', () => {
    const options = { nEstimators: 1, bootstrap: false, maxFeatures: 2 }
    const model = fitForestClassifier(frame, target, options)
    expect(Array.from(predictProbability(model, frame))).toEqual(target)
    expect(Array.from(model.forest.feature)).toEqual([1, -1, -1])
    expect(model.forest.threshold[0]).toBe(39.5)
    expect(listImportances(model)).toEqual([
      { name: 'x', importance: 1 },
      { name: 'noise', importance: 0 },
    ])
  })

  it('keeps minSamplesLeaf and maxDepth', () => {
    const stump = fitForestClassifier(frame, target, { nEstimators: 10, maxDepth: 1 })
    expect(stump.forest.feature.length).toBeLessThanOrEqual(30)
    const few = fitForestClassifier(frame, target, { nEstimators: 3, minSamplesLeaf: 251 })
    expect(Array.from(few.forest.feature)).toEqual([-1, -1, -1])
  })

  it('learns from categories, and from which values are missing nothing but the median', () => {
    const city = categoricalColumn(x.map((value) => (value % 3 === 0 ? 'a' : value % 3 === 1 ? 'b' : null)))
    const label = x.map((value) => (value % 3 === 0 ? 1 : 0))
    const mixed = createFrame({
      city,
      gone: numericColumn(x.map(() => null)),
      part: numericColumn([...x.keys()].map((row) => (row % 2 ? row : null))),
    })
    const model = fitForestClassifier(mixed, label, { nEstimators: 20, smoothing: 0 })
    const predicted = predictProbability(model, mixed)
    expect(rocAuc(label, predicted)).toBe(1)
    expect(listImportances(model)[0].name).toBe('city')
  })

  it('predicts the share of the drawn rows when nothing can be split', () => {
    const constant = createFrame({ x: numericColumn([1, 1, 1, 1]) })
    const model = fitForestClassifier(constant, [0, 1, 0, 0], { nEstimators: 3, bootstrap: false })
    expect(Array.from(predictProbability(model, constant))).toEqual([0.25, 0.25, 0.25, 0.25])
    expect(Array.from(model.importance)).toEqual([0])
  })

  it.each<[string, () => unknown]>([
    ['the frame is empty', () => fitForestClassifier(createFrame({ x: numericColumn([]) }), [])],
    [
      'the target is 1 in all 2 rows',
      () => fitForestClassifier(createFrame({ x: numericColumn([1, 2]) }), [1, 1]),
    ],
    [
      'row 1 holds NaN',
      () => fitForestClassifier(createFrame({ x: numericColumn([1, 2]) }), [1, Number.NaN]),
    ],
    [
      'the target has 1 values for 2 rows',
      () => fitForestClassifier(createFrame({ x: numericColumn([1, 2]) }), [1]),
    ],
    [
      "column 'x' is infinite in row 1",
      () => fitForestClassifier(createFrame({ x: numericColumn([1, Infinity]) }), [0, 1]),
    ],
  ])('refuses: %s', (message, fit) => {
    expect(fit).toThrow(RangeError)
    expect(fit).toThrow(message)
  })

  it.each<[keyof ForestOptions, ForestOptions]>([
    ['nEstimators', { nEstimators: 0 }],
    ['maxDepth', { maxDepth: 1.5 }],
    ['minSamplesLeaf', { minSamplesLeaf: 0 }],
    ['maxFeatures', { maxFeatures: 3 }],
    ['maxSamples', { maxSamples: Number.NaN }],
    ['maxSamples', { maxSamples: 0.5, bootstrap: false }],
    ['maxBins', { maxBins: 256 }],
    ['seed', { seed: 2 ** 32 }],
    ['smoothing', { smoothing: -1 }],
  ])('names the option %s when it is wrong', (name, options) => {
    expect(() => fitForestClassifier(frame, target, options)).toThrow(name)
  })
})
