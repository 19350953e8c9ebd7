import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { categoricalColumn, createFrame } from '../../frame.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { classTarget, type Label, numberTarget } from '../../target.ts'
import { classesOf, frameOf, relativeError } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import fixture from './fixtures/logistic.json' with { type: 'json' }
import { type LogisticRegressionOptions, logisticRegression } from './logistic-regression.ts'
import type { LogisticRegressionModel } from './model.ts'

const fitLogistic = (
  options: LogisticRegressionOptions,
  x: readonly (readonly number[])[],
  y: readonly Label[],
  weights?: readonly number[] | null,
): LogisticRegressionModel =>
  fit(logisticRegression(options), {
    frame: frameOf(x),
    target: classTarget(y),
    ...(weights && { weights: Float64Array.from(weights) }),
  }) as LogisticRegressionModel

describe('logisticRegression', () => {
  it.each(fixture.cases.map((golden) => [JSON.stringify(golden.options), golden] as const))(
    '%s has the coefficients of scikit-learn',
    async (_, golden) => {
      const options = { ...(golden.options as LogisticRegressionOptions), tol: 1e-9, maxIter: 100_000 }
      const model = fitLogistic(options, golden.x, golden.y, golden.weights)
      expect(model.converged).toBe(true)
      expect(relativeError(model.coefficients, golden.coefficients)).toBeLessThan(1e-6)
      // scikit-learn's intercepts of a softmax may have any sum.
      const { intercepts } = golden
      const mean = intercepts.reduce((sum, value) => sum + value, 0) / intercepts.length
      const centred = intercepts.map((value) => value - (intercepts.length > 1 ? mean : 0))
      expect(relativeError(model.intercepts, centred)).toBeLessThan(1e-6)
      const loaded = modelFromBytes(modelToBytes(model))
      expect(loaded).toEqual(model)
      const { probabilities } = classesOf(predict(loaded, frameOf(golden.x.slice(0, 5))))
      expect(relativeError(probabilities, golden.probabilities)).toBeLessThan(1e-6)
      await expectOnnxParity(model, frameOf(golden.x))
    },
  )

  it('finds the same minimum whatever the scale of the columns', () => {
    const { x, y } = fixture.cases[0]
    const plain = fitLogistic({ C: null }, x, y)
    const stretched = x.map(([a, ...rest]) => [Math.fround(a * 1024 + 65536), ...rest])
    const model = fitLogistic({ C: null }, stretched, y)
    expect(model.converged).toBe(true)
    expect(relativeError([model.coefficients[0] * 1024], [plain.coefficients[0]])).toBeLessThan(0.02)
  })

  it('takes a weight for repetition, in any order of rows', () => {
    const value = fc.integer({ min: -5, max: 5 })
    const row = fc.record({
      x: fc.tuple(value, value),
      y: fc.constantFrom('a', 'b', 'c'),
      weight: fc.integer({ min: 0, max: 3 }),
    })
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 4, maxLength: 16 }),
        fc.constantFrom(0, 0.5),
        (rows, l1Ratio) => {
          const repeated = rows.flatMap((one) => Array.from({ length: one.weight }, () => one)).reverse()
          fc.pre(new Set(repeated.map(({ y }) => y)).size === new Set(rows.map(({ y }) => y)).size)
          fc.pre(new Set(repeated.map(({ y }) => y)).size > 1)
          const options = { l1Ratio, tol: 1e-8 }
          const weighted = fitLogistic(
            options,
            rows.map(({ x }) => x),
            rows.map(({ y }) => y),
            rows.map(({ weight }) => weight),
          )
          const plain = fitLogistic(
            options,
            repeated.map(({ x }) => x),
            repeated.map(({ y }) => y),
          )
          const frame = frameOf(repeated.map(({ x }) => x))
          const { probabilities } = classesOf(predict(weighted, frame))
          expect(relativeError(probabilities, classesOf(predict(plain, frame)).probabilities)).toBeLessThan(
            1e-5,
          )
        },
      ),
      { numRuns: 30 },
    )
  })

  it.each([[['no', 'yes']], [['a', 'b', 'z']], [['a', 'b', 'c', 'z']]])(
    'gives a class without rows probability 0: %j',
    async (classes) => {
      const present = classes.filter((name) => name !== 'z').length
      const x = Array.from({ length: 12 }, (_, row) => [row, (row * 5) % 7])
      const target = {
        kind: 'classes',
        classes,
        codes: Int32Array.from(x, (_, row) => (row * row) % present),
      } as const
      const model = fit(logisticRegression(), { frame: frameOf(x), target })
      const { probabilities } = classesOf(predict(modelFromBytes(modelToBytes(model)), frameOf(x)))
      x.forEach((_, row) => {
        const shares = Array.from(probabilities.slice(row * classes.length, (row + 1) * classes.length))
        if (classes.includes('z')) expect(shares.at(-1)).toBe(0)
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      })
      await expectOnnxParity(model, frameOf(x))
    },
  )

  it('survives classes that a line divides, constant columns and more columns than rows', () => {
    const divided = fitLogistic({ C: null, maxIter: 50 }, [[0], [1], [2], [3]], [false, false, true, true])
    expect(divided.coefficients.every(Number.isFinite)).toBe(true)
    const { probabilities } = classesOf(predict(divided, frameOf([[0], [3]])))
    expect(probabilities[0]).toBeGreaterThan(0.9)
    expect(probabilities[3]).toBeGreaterThan(0.9)
    const constant = fitLogistic({ tol: 1e-9 }, [[7], [7], [7]], [1, 2, 1])
    expect(Array.from(constant.coefficients)).toEqual([0])
    expect(classesOf(predict(constant, frameOf([[7]]))).probabilities[0]).toBeCloseTo(2 / 3, 6)
    const wide = fitLogistic(
      {},
      [
        [1, 2, 3, 4],
        [2, 1, 0, 5],
      ],
      ['a', 'b'],
    )
    expect(wide.converged).toBe(true)
  })

  it('says what it cannot take', () => {
    expect(() => fitLogistic({}, [[1], [2]], ['a', 'a'])).toThrow('logisticRegression needs two classes')
    expect(() => fitLogistic({}, [[1], [2]], ['a', 'b'], [1, 0])).toThrow('the target is a in all rows')
    expect(() => fitLogistic({ classWeight: { c: 1 } }, [[1], [2]], ['a', 'b'])).toThrow(
      "classWeight has 'c'; the classes are a, b",
    )
    expect(() => logisticRegression({ classWeight: { a: -1 } })).toThrow(
      "logisticRegression's classWeight must be null",
    )
    expect(() => logisticRegression({ C: 0 })).toThrow(
      "logisticRegression's C must be a finite number > 0, not 0",
    )
    const frame = frameOf([[1], [2]])
    expect(() => fit(logisticRegression(), { frame, target: numberTarget([0, 1]) })).toThrow(
      'logisticRegression learns classes',
    )
    const city = createFrame({ city: categoricalColumn(['a', 'b']) })
    expect(() => fit(logisticRegression(), { frame: city, target: classTarget([0, 1]) })).toThrow(
      'put oneHot()',
    )
    const broken = { ...fitLogistic({}, [[1], [2]], ['a', 'b']), intercepts: Float64Array.of(Number.NaN) }
    expect(() => modelFromBytes(modelToBytes(broken))).toThrow("the model's intercepts must be numbers")
  })
})
