import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit } from '../../fit.ts'
import {
  booleanColumn,
  categoricalColumn,
  createFrame,
  type Frame,
  numericColumn,
  timestampColumn,
} from '../../frame.ts'
import {
  type GradientBoostingClassifierOptions,
  gradientBoostingClassifier,
} from '../../learners/gradient-boosting/classifier.ts'
import {
  type GradientBoostingRegressorModel,
  type GradientBoostingRegressorOptions,
  gradientBoostingRegressor,
} from '../../learners/gradient-boosting/regressor.ts'
import { resolveOptions } from '../../options.ts'
import { createRandom } from '../../random.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, numberTarget } from '../../target.ts'
import { categorical } from '../ensemble.ts'
import { predictNumbers, takeRows } from '../testing.ts'
import { fitBoosting } from './fit.ts'
import { boostingRules } from './options.ts'

/** One tree that takes the whole step, with nothing in its way. */
const one: GradientBoostingRegressorOptions = {
  nEstimators: 1,
  learningRate: 1,
  minSamplesLeaf: 1,
  catSmooth: 0,
  catL2: 0,
}
const regress = (frame: Frame, numbers: readonly number[], options: GradientBoostingRegressorOptions = one) =>
  fit(gradientBoostingRegressor(options), {
    frame,
    target: numberTarget(numbers),
  }) as GradientBoostingRegressorModel

/** Numbers with gaps, and categories, that say something about a number and two classes. */
const makeData = (rows: number, seed = 1) => {
  const random = createRandom(seed)
  const a = Array.from({ length: rows }, () => (random.below(8) === 0 ? null : random.below(40)))
  const b = Array.from({ length: rows }, () => random.below(1000) / 8)
  const city = Array.from({ length: rows }, () => (random.below(9) === 0 ? null : `city ${random.below(12)}`))
  const numbers = a.map(
    (value, row) => (value ?? 25) / 10 + (city[row] === 'city 3' ? 2 : 0) + random.below(100) / 50,
  )
  const frame = createFrame({ a: numericColumn(a), b: numericColumn(b), city: categoricalColumn(city) })
  return { frame, numbers, labels: numbers.map((value) => (value > 3.5 ? 'high' : 'low')) }
}

describe('one split', () => {
  it('is where the squares are smallest, and its leaves are the means', () => {
    const frame = createFrame({ x: numericColumn([1, 2, 3, 5]), noise: numericColumn([1, 2, 1, 2]) })
    const model = regress(frame, [0, 1, 9, 10], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(model, frame))).toEqual([0.5, 0.5, 9.5, 9.5])
    const { trees } = model
    expect(trees.threshold[0]).toBe(2.5)
    expect(Array.from(trees.cover)).toEqual([4, 2, 2])
    // G² / H: gradients are 5, 4, -4 and -5, so 9² / 2 + 9² / 2 - 0.
    expect(trees.gain[0]).toBeCloseTo(81, 6)
  })

  it('shrinks its leaves by l2Regularization and learningRate', () => {
    const frame = createFrame({ x: numericColumn([1, 2]) })
    const model = regress(frame, [0, 8], { ...one, l2Regularization: 1, learningRate: 0.5 })
    expect(Array.from(predictNumbers(model, frame))).toEqual([3, 5])
  })

  it('sends missing values where they belong, and is able to part them from all others', () => {
    const x = numericColumn([1, 2, 3, 4, null, null])
    const low = regress(createFrame({ x }), [0, 0, 9, 9, 0, 0], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(low, createFrame({ x })))).toEqual([0, 0, 9, 9, 0, 0])
    const apart = regress(createFrame({ x }), [1, 1, 1, 1, 7, 7], { ...one, maxLeafNodes: 2 })
    expect(Array.from(predictNumbers(apart, createFrame({ x })))).toEqual([1, 1, 1, 1, 7, 7])
  })

  it('sends missing values with the majority if there were none', () => {
    const model = regress(createFrame({ x: numericColumn([1, 2, 3, 4, 5]) }), [0, 0, 0, 5, 5], one)
    expect(Array.from(predictNumbers(model, createFrame({ x: numericColumn([null]) })))).toEqual([0])
  })

  it('parts categories as sets', () => {
    const names = ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']
    const frame = createFrame({ city: categoricalColumn(names) })
    const model = regress(frame, [1, 9, 1, 9, 1, 9, 1, 9], { ...one, maxLeafNodes: 2 })
    expect(model.trees.feature.filter((feature) => feature >= 0)).toHaveLength(1)
    expect(model.trees.flags[0] & categorical).toBe(categorical)
    const other = createFrame({ city: categoricalColumn(['d', 'c', 'b', 'a']) })
    expect(Array.from(predictNumbers(model, other))).toEqual([9, 1, 9, 1])
    const strange = createFrame({ city: categoricalColumn(['new', null]) })
    expect(new Set(predictNumbers(model, strange)).size).toBe(1)
  })

  it('tells true from false', () => {
    const frame = createFrame({ late: booleanColumn([true, false, true, null]) })
    const model = regress(frame, [5, 1, 5, 3])
    expect(Array.from(predictNumbers(model, frame))).toEqual([5, 1, 5, 3])
  })

  it('tells as many categories as two bytes can', () => {
    const names = Array.from({ length: 600 }, (_, row) => `${row % 300}`)
    const numbers = names.map((name) => Number(name) % 7)
    const frame = createFrame({ name: categoricalColumn(names), x: numericColumn(numbers.map(() => 0)) })
    const predicted = predictNumbers(regress(frame, numbers, { ...one, maxLeafNodes: 7 }), frame)
    expect(Array.from(predicted, (value) => Math.round(value * 1e5) / 1e5)).toEqual(numbers)
  })
})

describe('limits', () => {
  const { frame, numbers } = makeData(400)
  const leavesOf = (options: GradientBoostingRegressorOptions) => {
    const { trees } = regress(frame, numbers, { nEstimators: 1, ...options })
    return { leaves: trees.feature.filter((feature) => feature < 0).length, trees }
  }

  it('hold', () => {
    expect(leavesOf({ maxLeafNodes: 9, minSamplesLeaf: 1 }).leaves).toBe(9)
    expect(leavesOf({ maxDepth: 2, minSamplesLeaf: 1 }).leaves).toBe(4)
    expect(leavesOf({ maxLeafNodes: 5, growth: 'depthWise', minSamplesLeaf: 1 }).leaves).toBe(5)
    const { trees } = leavesOf({ maxLeafNodes: null, minSamplesLeaf: 30 })
    expect(Math.min(...trees.cover)).toBeGreaterThanOrEqual(30)
    expect(leavesOf({ minSplitGain: 1e9 }).leaves).toBe(1)
    expect(leavesOf({ minChildWeight: 201 }).leaves).toBe(1)
  })

  it('make no difference to the tree if there are none: by leaf and by level are the same', () => {
    const options = { nEstimators: 3, maxLeafNodes: null, maxDepth: 4 } as const
    const byLeaf = regress(frame, numbers, { ...options, growth: 'leafWise' })
    const byLevel = regress(frame, numbers, { ...options, growth: 'depthWise' })
    const limited = regress(frame, numbers, { ...options, maxLeafNodes: 16, growth: 'depthWise' })
    expect(byLevel.trees).toEqual(byLeaf.trees)
    expect(limited.trees).toEqual(byLeaf.trees)
  })

  it('of memory change nothing', () => {
    const options = resolveOptions('', boostingRules, { nEstimators: 5, minSamplesLeaf: 3 })
    const grow = (histogramBytes: number | undefined) =>
      fitBoosting(
        {
          learner: 'test',
          objective: 'squared_error',
          quantile: 0.5,
          outputs: 1,
          link: 'identity',
          base: new Float64Array(1),
          target: numbers,
          histogramBytes,
        },
        { frame },
        options,
        {},
      )
    expect(grow(1)).toEqual(grow(undefined))
  })
})

describe('the order of things', () => {
  const { frame, numbers, labels } = makeData(300)
  const spec = gradientBoostingClassifier({ nEstimators: 8, minSamplesLeaf: 3 })

  it('of rows does not matter', () => {
    const order = Array.from({ length: 300 }, (_, row) => (row * 7) % 300)
    const model = fit(spec, { frame, target: classTarget(labels) })
    const shuffled = fit(spec, {
      frame: takeRows(frame, order),
      target: classTarget(order.map((row) => labels[row])),
    })
    expect(predictNumbers(shuffled, frame)).toEqual(predictNumbers(model, frame))
  })

  it('of columns does not matter', () => {
    const { a, b, city } = frame.columns
    const model = fit(spec, { frame, target: classTarget(labels) })
    const turned = fit(spec, { frame: createFrame({ city, b, a }), target: classTarget(labels) })
    expect(predictNumbers(turned, frame)).toEqual(predictNumbers(model, frame))
  })

  it('of numbers is all that matters about them', () => {
    const { a, b, city } = frame.columns
    if (a.kind !== 'numeric') throw new Error(a.kind)
    const scaled = createFrame({ a: numericColumn(a.values.map((value) => value * 1024)), b, city })
    const model = regress(frame, numbers, { nEstimators: 8 })
    const other = regress(scaled, numbers, { nEstimators: 8 })
    expect(predictNumbers(other, scaled)).toEqual(predictNumbers(model, frame))
  })

  it('survives saving', () => {
    const model = fit(spec, { frame, target: classTarget(labels) })
    expect(modelFromBytes(modelToBytes(model))).toEqual(model)
  })
})

describe('weights', () => {
  it('stand for repetition, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('squared_error', 'poisson'),
        (seed, loss) => {
          const { frame, numbers } = makeData(60, seed)
          const random = createRandom(seed, 1)
          const weights = Float64Array.from(numbers, () => random.below(4))
          const repeated = Array.from(weights).flatMap((weight, row) =>
            Array.from({ length: weight }, () => row),
          )
          const spec = gradientBoostingRegressor({
            loss,
            nEstimators: 5,
            minSamplesLeaf: 1,
            minChildWeight: 2,
            catSmooth: 0,
          })
          const weighted = fit(spec, { frame, target: numberTarget(numbers), weights })
          const plain = fit(spec, {
            frame: takeRows(frame, repeated),
            target: numberTarget(repeated.map((row) => numbers[row])),
          })
          const expected = predictNumbers(plain, frame)
          predictNumbers(weighted, frame).forEach((value, row) => {
            expect(Math.abs(value - expected[row])).toBeLessThan(1e-6)
          })
        },
      ),
      { numRuns: 15 },
    )
  })

  it('of classes are weights of their rows', () => {
    const { frame, labels } = makeData(200)
    const target = classTarget(labels)
    const options: GradientBoostingClassifierOptions = { nEstimators: 4, classWeight: { low: 3 } }
    const weights = Float64Array.from(labels, (label) => (label === 'low' ? 3 : 1))
    const byClass = fit(gradientBoostingClassifier(options), { frame, target })
    const byRow = fit(gradientBoostingClassifier({ nEstimators: 4 }), { frame, target, weights })
    expect(predictNumbers(byClass, frame)).toEqual(predictNumbers(byRow, frame))
    const balanced = fit(gradientBoostingClassifier({ nEstimators: 1, classWeight: 'balanced' }), {
      frame,
      target,
    })
    expect((balanced as unknown as GradientBoostingRegressorModel).trees.base[0]).toBeCloseTo(0, 12)
  })
})

describe('monotone constraints', () => {
  it('hold for every pair of rows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom(1 as const, -1 as const),
        (seed, direction) => {
          const { frame, numbers } = makeData(120, seed)
          const model = regress(frame, numbers, {
            nEstimators: 10,
            minSamplesLeaf: 2,
            monotonicCst: { a: direction },
          })
          const { b, city } = takeRows(
            frame,
            Array.from({ length: 40 }, () => seed % 120),
          ).columns
          const a = numericColumn(Array.from({ length: 40 }, (_, value) => value))
          const predicted = Array.from(predictNumbers(model, createFrame({ a, b, city })))
          const steps = predicted.slice(1).map((value, at) => (value - predicted[at]) * direction)
          expect(Math.min(...steps)).toBeGreaterThanOrEqual(-1e-12)
        },
      ),
      { numRuns: 20 },
    )
  })
})

describe('objectives', () => {
  const frame = createFrame({ x: numericColumn([1, 1, 1, 1, 2, 2, 2, 2]) })
  const numbers = [0, 1, 2, 21, 10, 11, 12, 99]

  it('set leaves to means, medians, quantiles and logarithms of means', () => {
    const predicted = (options: GradientBoostingRegressorOptions) =>
      Array.from(predictNumbers(regress(frame, numbers, { ...one, ...options }), frame))
    expect(predicted({ loss: 'squared_error' }).slice(3, 5)).toEqual([6, 33])
    expect(predicted({ loss: 'absolute_error' }).slice(3, 5)).toEqual([1.5, 11.5])
    expect(predicted({ loss: 'quantile', quantile: 0.25 }).slice(3, 5)).toEqual([0.75, 10.75])
    const poisson = predicted({ loss: 'poisson', nEstimators: 60, learningRate: 0.5 })
    expect(poisson[0]).toBeCloseTo(6, 4)
    expect(poisson[7]).toBeCloseTo(33, 4)
  })

  it('approach the shares of classes', () => {
    const labels = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'c']
    const spec = gradientBoostingClassifier({ nEstimators: 100, minSamplesLeaf: 1 })
    const three = predictNumbers(fit(spec, { frame, target: classTarget(labels) }), frame)
    expect(three[0]).toBeCloseTo(0.75, 2)
    expect(three[23]).toBeCloseTo(0.75, 2)
    expect(three[0] + three[1] + three[2]).toBeCloseTo(1, 12)
    const two = predictNumbers(
      fit(spec, { frame, target: classTarget(labels.map((label) => label === 'b')) }),
      frame,
    )
    expect(two[1]).toBeCloseTo(0.25, 6)
  })
})

describe('early stopping', () => {
  const training = makeData(300, 1)
  const validation = makeData(300, 2)
  const fitWith = (options: GradientBoostingRegressorOptions) =>
    fit(gradientBoostingRegressor({ minSamplesLeaf: 2, ...options }), {
      frame: training.frame,
      target: numberTarget(training.numbers),
      validation: { frame: validation.frame, target: numberTarget(validation.numbers) },
    }) as GradientBoostingRegressorModel
  const lossOf = (model: GradientBoostingRegressorModel) =>
    predictNumbers(model, validation.frame).reduce(
      (sum, value, row) => sum + (value - validation.numbers[row]) ** 2,
      0,
    )

  it('keeps the trees up to the least loss', () => {
    const stopped = fitWith({ nEstimators: 400, nIterNoChange: 5, learningRate: 0.3 })
    const trees = stopped.trees.offsets.length - 1
    expect(trees).toBeLessThan(100)
    for (const nEstimators of [trees - 1, trees + 1, trees + 4])
      expect(
        lossOf(
          regress(training.frame, training.numbers, { minSamplesLeaf: 2, learningRate: 0.3, nEstimators }),
        ),
      ).toBeGreaterThanOrEqual(lossOf(stopped))
    const same = regress(training.frame, training.numbers, {
      minSamplesLeaf: 2,
      learningRate: 0.3,
      nEstimators: trees,
    })
    expect(stopped.trees).toEqual(same.trees)
  })
})

describe('draws', () => {
  const { frame, numbers } = makeData(300)

  it('of rows and columns follow the seed', () => {
    const options = { nEstimators: 5, subsample: 0.5, colsampleBytree: 0.67, minSamplesLeaf: 5 }
    const grow = (seed: number) => regress(frame, numbers, { ...options, seed }).trees
    expect(grow(1)).toEqual(grow(1))
    expect(grow(1)).not.toEqual(grow(2))
    expect(grow(1).cover[0]).toBe(150)
    const { offsets, feature } = grow(3)
    for (let tree = 0; tree < 5; tree += 1)
      expect(
        new Set(feature.subarray(offsets[tree], offsets[tree + 1]).filter((one) => one >= 0)).size,
      ).toBeLessThan(3)
  })

  it('leave no row behind: the error is less than the noise, whose variance is 1 / 3', () => {
    const sampled = regress(frame, numbers, { nEstimators: 60, subsample: 0.5 })
    const errors = predictNumbers(sampled, frame).map((value, row) => (value - numbers[row]) ** 2)
    expect(errors.reduce((sum, error) => sum + error, 0) / 300).toBeLessThan(0.33)
  })
})

describe('bad input', () => {
  const frame = createFrame({ x: numericColumn([1, 2, 3]) })
  const target = numberTarget([1, 2, 3])

  it.each([
    [
      { learningRate: 0 },
      "gradientBoostingRegressor's learningRate must be a finite number > 0 and <= 1, not 0",
    ],
    [
      { maxLeafNodes: 1 },
      "gradientBoostingRegressor's maxLeafNodes must be an integer from 2 to 32768, not 1",
    ],
    [{ monotonicCst: { x: 2 } }, 'must be an object of -1, 0 or 1 by column'],
    [{ nEstimator: 5 }, "has no option 'nEstimator'"],
  ])('refuses %j', (options, message) => {
    expect(() => gradientBoostingRegressor(options as object)).toThrow(message)
    expect(() => fit({ kind: 'gradientBoostingRegressor', options }, { frame, target })).toThrow(message)
  })

  it('names what is wrong with columns and targets', () => {
    const time = createFrame({ at: timestampColumn([1, 2, 3]) })
    expect(() => fit(gradientBoostingRegressor(), { frame: time, target })).toThrow(
      'put dateParts() before it',
    )
    expect(() => fit(gradientBoostingRegressor(), { frame })).toThrow('learns numbers')
    expect(() =>
      fit(gradientBoostingRegressor({ loss: 'poisson' }), { frame, target: numberTarget([1, -1, 2]) }),
    ).toThrow('row 1 holds -1')
    expect(() => fit(gradientBoostingRegressor({ monotonicCst: { y: 1 } }), { frame, target })).toThrow(
      "names 'y'",
    )
    expect(() => fit(gradientBoostingClassifier(), { frame, target: classTarget(['a', 'a', 'a']) })).toThrow(
      'two classes',
    )
  })

  it('learns the mean where nothing can be told apart', () => {
    const nothing = createFrame({
      x: numericColumn([null, null, null]),
      city: categoricalColumn([null, null, null]),
    })
    expect(Array.from(predictNumbers(regress(nothing, [1, 2, 6]), nothing))).toEqual([3, 3, 3])
    expect(Array.from(predictNumbers(regress(frame, [4, 4, 4]), frame))).toEqual([4, 4, 4])
    const single = createFrame({ x: numericColumn([1]) })
    expect(Array.from(predictNumbers(regress(single, [7]), single))).toEqual([7])
  })

  it('learns as many classes as rows', () => {
    const model = fit(gradientBoostingClassifier({ minSamplesLeaf: 1 }), {
      frame,
      target: classTarget(['a', 'b', 'c']),
    })
    const predicted = predictNumbers(model, frame)
    expect(predicted[0]).toBeGreaterThan(0.9)
    expect(predicted[4]).toBeGreaterThan(0.9)
  })
})
