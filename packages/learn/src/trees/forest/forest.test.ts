import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../../frame.ts'
import {
  extraTreesClassifier,
  type ForestClassifierOptions,
  type RandomForestClassifierModel,
  randomForestClassifier,
} from '../../learners/forest/classifier.ts'
import {
  extraTreesRegressor,
  type RandomForestRegressorModel,
  randomForestRegressor,
} from '../../learners/forest/regressor.ts'
import { createRandom } from '../../random.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, type Label, numberTarget } from '../../target.ts'
import { predictNumbers, takeRows } from '../testing.ts'
import { drawCut } from './draw-cut.ts'
import { countTried, type ForestOptions } from './options.ts'

/** One tree that sees everything. */
const one = { nEstimators: 1, bootstrap: false, maxFeatures: null } as const
const classify = (frame: Frame, labels: readonly Label[], options: ForestClassifierOptions) =>
  fit(randomForestClassifier(options), { frame, target: classTarget(labels) }) as RandomForestClassifierModel
const regress = (frame: Frame, numbers: readonly number[], options: ForestOptions) =>
  fit(randomForestRegressor(options), { frame, target: numberTarget(numbers) }) as RandomForestRegressorModel

const makeData = (rows: number, seed = 1) => {
  const random = createRandom(seed)
  const a = Array.from({ length: rows }, () => (random.below(8) === 0 ? null : random.below(400)))
  const b = Array.from({ length: rows }, () => random.below(1000) / 8)
  const city = Array.from({ length: rows }, () => (random.below(9) === 0 ? null : `city ${random.below(12)}`))
  const numbers = a.map(
    (value, row) => (value ?? 250) / 100 + (city[row] === 'city 3' ? 2 : 0) + random.below(100) / 50,
  )
  const frame = createFrame({ a: numericColumn(a), b: numericColumn(b), city: categoricalColumn(city) })
  return {
    frame,
    numbers,
    labels: numbers.map((value) => (value > 3.5 ? 'high' : value > 2 ? 'mid' : 'low')),
  }
}

describe('a single tree', () => {
  const frame = createFrame({ x: numericColumn([1, 2, 3, 5]), noise: numericColumn([1, 2, 1, 2]) })

  it('splits where impurity falls most', () => {
    const { trees } = classify(frame, ['no', 'no', 'yes', 'yes'], one)
    expect(Array.from(trees.feature)).toEqual([0, -1, -1])
    expect(trees.threshold[0]).toBe(2.5)
    // 4 rows of Gini impurity 1/2 become pure.
    expect(trees.gain[0]).toBeCloseTo(2, 6)
    expect(Array.from(trees.value)).toEqual([0, 0, 1, 0, 0, 1])
  })

  it('measures entropy in nats, and more classes as it measures two', () => {
    const { trees } = classify(frame, ['no', 'no', 'yes', 'yes'], { ...one, criterion: 'entropy' })
    expect(trees.gain[0]).toBeCloseTo(4 * Math.LN2, 6)
    const three = classify(frame, ['a', 'b', 'c', 'c'], { ...one, maxDepth: 1 })
    // 1 - (1 + 1 + 4) / 16 of 4 rows becomes 1/2 of 2 rows.
    expect(three.trees.gain[0]).toBeCloseTo(4 * (1 - 6 / 16) - 2 * (1 / 2), 6)
    expect(Array.from(predictNumbers(three, frame).subarray(0, 6))).toEqual([0.5, 0.5, 0, 0.5, 0.5, 0])
  })

  it('has the means of numbers in its leaves', () => {
    const model = regress(frame, [1, 2, 30, 40], { ...one, maxDepth: 1 })
    expect(Array.from(predictNumbers(model, frame))).toEqual([1.5, 1.5, 35, 35])
    const exact = regress(frame, [1, 2, 30, 40], one)
    expect(Array.from(predictNumbers(exact, frame))).toEqual([1, 2, 30, 40])
  })

  it('parts any rows that differ, whatever their number', () => {
    const { frame: many, numbers } = makeData(700)
    const predicted = predictNumbers(regress(many, numbers, one), many)
    const wrong = Array.from(predicted).filter((value, row) => Math.abs(value - numbers[row]) > 1e-5)
    // Rows that lie in the same bins throughout cannot be told apart.
    expect(wrong.length).toBeLessThan(70)
  })

  it('takes categories as sets, and missing values on the better side', () => {
    const names = categoricalColumn(['a', 'b', 'c', 'd', null, null])
    const shapes = createFrame({ names })
    const labels = ['x', 'y', 'x', 'y', 'x', 'x']
    const model = classify(shapes, labels, { ...one, maxDepth: 1 })
    expect(Array.from(predictNumbers(model, shapes)).filter((_, at) => at % 2 === 1)).toEqual([
      0, 1, 0, 1, 0, 0,
    ])
    const three = classify(shapes, ['x', 'y', 'z', 'y', 'x', 'x'], one)
    expect(Array.from(predictNumbers(three, shapes).subarray(0, 6))).toEqual([1, 0, 0, 0, 1, 0])
  })

  it('is as large as its options allow', () => {
    const { frame: many, numbers } = makeData(300)
    expect(
      Math.min(...regress(many, numbers, { ...one, minSamplesLeaf: 12 }).trees.cover),
    ).toBeGreaterThanOrEqual(12)
    expect(regress(many, numbers, { ...one, maxDepth: 2 }).trees.feature.length).toBe(7)
    expect(regress(many, numbers, { ...one, minSamplesSplit: 301 }).trees.feature.length).toBe(1)
    expect(regress(many, numbers, { ...one, minImpurityDecrease: 100 }).trees.feature.length).toBe(1)
  })
})

describe('forests', () => {
  const { frame, numbers, labels } = makeData(250)
  const target = classTarget(labels)
  const specs = [
    randomForestClassifier({ nEstimators: 8 }),
    extraTreesClassifier({ nEstimators: 8, criterion: 'entropy' }),
    randomForestRegressor({ nEstimators: 8, maxSamples: 0.5 }),
    extraTreesRegressor({ nEstimators: 8 }),
  ]
  const grow = (spec: (typeof specs)[number], seed = 0) =>
    fit(
      { ...spec, options: { ...spec.options, seed } },
      { frame, target: spec.kind.endsWith('Regressor') ? numberTarget(numbers) : target },
    )

  it.each(specs)('$kind follows the seed, and survives saving', (spec) => {
    const model = grow(spec, 3)
    expect(grow(spec, 3)).toEqual(model)
    expect(grow(spec, 4)).not.toEqual(model)
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
  })

  it.each(specs)('$kind learns something', (spec) => {
    const predicted = predictNumbers(grow(spec), frame)
    if (spec.kind.endsWith('Regressor')) {
      const errors = predicted.map((value, row) => (value - numbers[row]) ** 2)
      expect(errors.reduce((sum, error) => sum + error, 0) / 250).toBeLessThan(0.4)
      return
    }
    const codes = target.codes
    const right = Array.from(codes).filter((code, row) => predicted[row * 3 + code] > 0.5).length
    expect(right).toBeGreaterThan(200)
    for (let row = 0; row < 250; row += 1)
      expect(predicted[row * 3] + predicted[row * 3 + 1] + predicted[row * 3 + 2]).toBeCloseTo(1, 6)
  })

  it('take weights for repetition where rows are not drawn', () => {
    const weights = Float64Array.from(numbers, (_, row) => row % 3)
    const repeated = Array.from(weights).flatMap((weight, row) => Array.from({ length: weight }, () => row))
    for (const make of [classTarget, numberTarget] as const) {
      const values = make === classTarget ? labels : numbers
      const spec = make === classTarget ? randomForestClassifier(one) : randomForestRegressor(one)
      const weighted = fit(spec, { frame, target: make(values as never), weights })
      const plain = fit(spec, {
        frame: takeRows(frame, repeated),
        target: make(repeated.map((row) => values[row]) as never),
      })
      const expected = predictNumbers(plain, frame)
      predictNumbers(weighted, frame).forEach((value, at) => {
        expect(Math.abs(value - expected[at])).toBeLessThan(1e-5)
      })
    }
  })
})

describe('the columns tried at a node', () => {
  it.each([
    ['sqrt', 50, 7],
    ['log2', 50, 5],
    [null, 50, 50],
    [0.5, 5, 2],
    [3, 50, 3],
    [80, 50, 50],
  ] as const)('are %s of %i: %i', (option, features, tried) => {
    expect(countTried(option, features)).toBe(tried)
  })
})

describe('drawCut', () => {
  it('draws each cut as often as the gap it lies in is wide', () => {
    const edges = Float32Array.of(0.5, 1.5, 2.5, 8)
    const random = createRandom(1)
    const counts = [0, 0, 0, 0, 0]
    for (let draw = 0; draw < 3000; draw += 1) counts[drawCut(edges, 1, 4, random)] += 1
    expect(counts[0] + counts[4]).toBe(0)
    for (const bin of [1, 2, 3]) expect(Math.abs(counts[bin] - 1000)).toBeLessThan(120)
    expect(drawCut(edges, 3, 3, random)).toBe(0)
    expect(drawCut(edges, 3, 4, random)).toBe(3)
  })
})

describe('bad input', () => {
  const frame = createFrame({ x: numericColumn([1, 2, 3]) })

  it.each([
    [
      { maxFeatures: 1.5 },
      "maxFeatures must be 'sqrt', 'log2', a count >= 1, a share > 0 and < 1, or null, not 1.5",
    ],
    [{ maxSamples: 0 }, 'maxSamples must be a finite number > 0 and <= 1, not 0'],
    [{ criterion: 'mse' }, "criterion must be 'gini' or 'entropy' or 'log_loss', not 'mse'"],
    [{ classWeight: { a: -1 } }, 'numbers >= 0 by class'],
  ])('refuses %j', (options, message) => {
    expect(() => randomForestClassifier(options as object)).toThrow(message)
  })

  it('is named', () => {
    expect(() => classify(frame, ['a', 'a', 'a'], {})).toThrow('two classes')
    expect(() => classify(frame, ['a', 'b', 'a'], { classWeight: { c: 1 } })).toThrow("classWeight has 'c'")
  })

  it('that says nothing gives the mean', () => {
    const nothing = createFrame({ x: numericColumn([null, null, null]) })
    expect(Array.from(predictNumbers(regress(nothing, [1, 2, 6], one), nothing))).toEqual([3, 3, 3])
  })
})
