import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../../fit.ts'
import { booleanColumn, categoricalColumn, createFrame, numericColumn, timestampColumn } from '../../frame.ts'
import { modelFromBytes, modelToBytes } from '../../saving/model-bytes.ts'
import { numberTarget } from '../../target.ts'
import { frameOf, relativeError, valuesOf } from '../../testing/frames.ts'
import { expectOnnxParity } from '../../testing/onnx-parity.ts'
import { elasticNet, lasso } from './elastic-net.ts'
import fixture from './fixtures/linear.json' with { type: 'json' }
import type { LinearModel } from './linear-model.ts'
import { linearRegression } from './linear-regression.ts'
import { ridge } from './ridge.ts'

const specs = [linearRegression(), ridge({ alpha: 0.7 }), lasso({ alpha: 0.05 }), elasticNet({ alpha: 0.1 })]
const tight = { maxIter: 1_000_000, tol: 1e-14 }

const toData = (x: number[][], y: number[], weights: number[] | null = null) => ({
  frame: frameOf(x),
  target: numberTarget(y),
  ...(weights && { weights: Float64Array.from(weights) }),
})

describe('linear learners', () => {
  it.each(fixture.cases.map((golden) => [golden.kind, JSON.stringify(golden.options), golden] as const))(
    '%s %s has the coefficients of scikit-learn',
    async (kind, _, golden) => {
      const iterated = kind === 'lasso' || kind === 'elasticNet'
      const spec = { kind, options: { ...golden.options, ...(iterated && tight) } }
      const model = fit(spec, toData(golden.x, golden.y, golden.weights)) as LinearModel
      expect(relativeError(model.coefficients, golden.coefficients)).toBeLessThan(1e-6)
      expect(relativeError([model.intercept], [golden.intercept])).toBeLessThan(1e-6)
      const first = golden.x[0].reduce(
        (sum, value, column) => sum + value * golden.coefficients[column],
        golden.intercept,
      )
      const loaded = modelFromBytes(modelToBytes(model))
      expect(loaded).toEqual(model)
      expect(valuesOf(predict(loaded, frameOf(golden.x)))[0]).toBeCloseTo(first, 4)
      await expectOnnxParity(model, frameOf(golden.x))
    },
  )

  it('says whether coordinate descent ended by itself', () => {
    const { x, y } = fixture.cases[0]
    expect(fit(lasso({ alpha: 0.01 }), toData(x, y))).toMatchObject({ converged: true })
    expect(fit(lasso({ alpha: 0.01, maxIter: 1, tol: 1e-9 }), toData(x, y))).toMatchObject({
      converged: false,
      iterations: 1,
    })
  })

  it('condenses many rows to what few rows give', () => {
    // More rows than fit in one piece; of the coefficients of a column and its double those of the least norm.
    const x = Array.from({ length: 5000 }, (_, row) => [
      (row % 17) - 8,
      (row * row) % 23,
      2 * (row % 17) - 16,
    ])
    const model = fit(
      linearRegression(),
      toData(
        x,
        x.map(([a, b]) => 3 * a - 2 * b + 10),
      ),
    ) as LinearModel
    expect(relativeError(model.coefficients, [0.6, -2, 1.2])).toBeLessThan(1e-12)
    expect(model.intercept).toBeCloseTo(10, 10)
  })

  const value = fc.integer({ min: -50, max: 50 })
  const row = fc.record({
    x: fc.tuple(value, value, value),
    y: value,
    weight: fc.integer({ min: 0, max: 3 }),
  })

  it.each(specs.map((spec) => [spec.kind, spec] as const))(
    '%s takes a weight for repetition, in any order of rows',
    (_, { kind, options }) => {
      const spec = {
        kind,
        options: { ...options, ...(kind === 'lasso' || kind === 'elasticNet' ? tight : {}) },
      }
      fc.assert(
        fc.property(fc.array(row, { minLength: 3, maxLength: 20 }), (rows) => {
          fc.pre(rows.some(({ weight }) => weight > 0))
          const weighted = fit(
            spec,
            toData(
              rows.map(({ x }) => x),
              rows.map(({ y }) => y),
              rows.map(({ weight }) => weight),
            ),
          )
          const repeated = rows.flatMap((one) => Array.from({ length: one.weight }, () => one)).reverse()
          const plain = fit(
            spec,
            toData(
              repeated.map(({ x }) => x),
              repeated.map(({ y }) => y),
            ),
          )
          // Coefficients of nearly dependent columns lose digits; what is predicted for the rows does not.
          const frame = frameOf(repeated.map(({ x }) => x))
          const expected = valuesOf(predict(plain, frame))
          const actual = valuesOf(predict(weighted, frame))
          expected.forEach((one, index) => {
            expect(Math.abs(actual[index] - one)).toBeLessThan(1e-6)
          })
        }),
        { numRuns: 25 },
      )
    },
  )

  it.each(specs.map((spec) => [spec.kind, spec] as const))('%s survives odd tables', (_, spec) => {
    const constant = fit(spec, toData([[1], [2], [3]], [4, 4, 4])) as LinearModel
    expect(Array.from(constant.coefficients)).toEqual([0])
    expect(constant.intercept).toBe(4)
    const single = fit(spec, toData([[1, 2]], [4])) as LinearModel
    expect(Array.from(single.coefficients)).toEqual([0, 0])
    const flat = fit(spec, toData([[0.1], [0.1], [0.1]], [1, 2, 6])) as LinearModel
    expect(Array.from(flat.coefficients)).toEqual([0])
    expect(flat.intercept).toBeCloseTo(3, 12)
  })

  it.each(specs.map((spec) => [spec.kind, spec] as const))('%s says what it cannot take', (kind, spec) => {
    const target = numberTarget([1, 2])
    const city = createFrame({ city: categoricalColumn(['a', 'b']) })
    expect(() => fit(spec, { frame: city, target })).toThrow(`column 'city' is categorical; ${kind}`)
    const day = createFrame({ day: timestampColumn([1, 2]) })
    expect(() => fit(spec, { frame: day, target })).toThrow('put dateParts() before it')
    const gap = createFrame({ gap: booleanColumn([true, null]) })
    expect(() => fit(spec, { frame: gap, target })).toThrow("column 'gap' is missing in row 1")
    const full = createFrame({ gap: booleanColumn([true, false]) })
    const model = fit(spec, { frame: full, target })
    expect(() => predict(model, gap)).toThrow('put impute() before it')
    const numbers = fit(spec, { frame: createFrame({ x: numericColumn([1, 2]) }), target })
    expect(() => predict(numbers, createFrame({ x: numericColumn([Infinity]) }))).toThrow(
      "column 'x' is Infinity in row 0",
    )
    expect(() => fit(spec, { frame: full })).toThrow(`${kind} learns numbers`)
  })

  it('gives the same in ONNX, where terms cancel each other too', async () => {
    const finite = fc.float({ noNaN: true, min: Math.fround(-1e15), max: Math.fround(1e15) })
    const table = fc.array(fc.tuple(finite, finite, finite), { minLength: 4, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(table, fc.array(value, { minLength: 12, maxLength: 12 }), async (x, y) => {
        for (const spec of [linearRegression(), ridge()]) {
          const model = fit(spec, toData(x, y.slice(0, x.length)))
          await expectOnnxParity(model, frameOf(x))
        }
      }),
      { numRuns: 25 },
    )
  })

  it('refuses options by name', () => {
    expect(() => ridge({ alpha: -1 })).toThrow("ridge's alpha must be a finite number >= 0, not -1")
    expect(() => elasticNet({ l1Ratio: 2 })).toThrow("elasticNet's l1Ratio")
    expect(() => lasso({ maxIter: 0 })).toThrow("lasso's maxIter must be an integer from 1")
    expect(() => fit({ kind: 'lasso', options: { l1Ratio: 1 } }, toData([[1]], [1]))).toThrow(
      "lasso has no option 'l1Ratio'",
    )
  })

  it('refuses a stored model that does not fit together', () => {
    const model = fit(ridge(), toData([[1], [2]], [1, 2]))
    const broken = { ...model, coefficients: Float64Array.of(1, 2) }
    expect(() => modelFromBytes(modelToBytes(broken))).toThrow('coefficients must be Float64Array of 1')
  })
})
