import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit } from '../fit.ts'
import { categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import lightgbmGolden from '../importers/fixtures/lightgbm.json' with { type: 'json' }
import onnxGolden from '../importers/fixtures/onnx.json' with { type: 'json' }
import xgboostGolden from '../importers/fixtures/xgboost.json' with { type: 'json' }
import { importLightgbm } from '../importers/lightgbm.ts'
import { importOnnxTrees } from '../importers/onnx.ts'
import { importXgboost } from '../importers/xgboost.ts'
import { ridge } from '../learners/linear/ridge.ts'
import type { Model } from '../model.ts'
import { numberTarget } from '../target.ts'
import { frameOf, relativeError } from '../testing/frames.ts'
import { predictTrees } from '../trees/predict.ts'
import { gaussLegendre } from './gauss-legendre.ts'
import { type ShapValues, shapImportance, shapValues } from './shap.ts'
import { treeShap } from './tree-shap.ts'

interface Rows {
  readonly rows: (number | null)[][]
  readonly cities: string[] | null
}

const toFrame = ({ rows, cities }: Rows, { inputs }: Model): Frame =>
  createFrame(
    Object.fromEntries(
      inputs.map(({ name }, column) => [
        name,
        cities && column === rows[0].length
          ? categoricalColumn(cities)
          : numericColumn(rows.map((row) => row[column])),
      ]),
    ),
  )

/** As XGBoost and LightGBM have them: after the features of each output comes its base. */
const withBase = ({ features, outputs, base, values }: ShapValues): number[] => {
  const count = features.length
  return Array.from({ length: values.length / count }, (_, at) => [
    ...values.subarray(at * count, (at + 1) * count),
    base[at % outputs.length],
  ]).flat()
}

describe('gaussLegendre', () => {
  it('integrates polynomials exactly', () => {
    for (let count = 1; count <= 40; count += 1) {
      const { points, weights } = gaussLegendre(count)
      for (const degree of [0, 1, count, 2 * count - 1]) {
        const integral = points.reduce((sum, point, index) => sum + weights[index] * point ** degree, 0)
        expect(integral * (degree + 1)).toBeCloseTo(1, 12)
      }
    }
  })
})

describe('shapValues', () => {
  it.each(xgboostGolden.cases)('are those of XGBoost: $name', (one) => {
    const model = importXgboost(one.json)
    // XGBoost computes them in float32.
    expect(relativeError(withBase(shapValues(model, toFrame(one, model))), one.contributions)).toBeLessThan(
      2e-6,
    )
  })

  it.each(lightgbmGolden.cases)('are those of LightGBM: $name', (one) => {
    const model = importLightgbm(one.text)
    const scale = one.name === 'sigmoid' ? 2.5 : 1
    const expected = one.contributions.map((value) => value * scale)
    // LightGBM gives the contributions of a forest for the sum of its trees.
    const trees = one.name.startsWith('forest') ? 4 : 1
    const ours = withBase(shapValues(model, toFrame(one, model))).map((value) => value * trees)
    expect(relativeError(ours, expected)).toBeLessThan(1e-6)
  })

  it('are those of shap', () => {
    const [one] = xgboostGolden.cases
    const model = importXgboost(one.json)
    expect(relativeError(shapValues(model, toFrame(one, model)).values, one.shap ?? [])).toBeLessThan(2e-6)
  })

  it('add up to the sum before the link', () => {
    const one = xgboostGolden.cases.find(({ name }) => name === 'categories') ?? xgboostGolden.cases[0]
    const model = importXgboost(one.json)
    const category = fc.oneof(fc.constant(Number.NaN), fc.integer({ min: 0, max: 45 }))
    const number = fc.oneof(fc.constant(Number.NaN), fc.float({ min: -3, max: 3 }))
    fc.assert(
      fc.property(fc.tuple(number, number, number, number, number, category), (row) => {
        const features = row.map((value) => Float32Array.of(value))
        const { base, values } = treeShap(model.trees, features, 1)
        const total = values.reduce((sum, value) => sum + value, base[0])
        expect(total).toBeCloseTo(predictTrees({ ...model.trees, link: 'identity' }, features, 1)[0], 12)
      }),
    )
  })

  it('say what the outputs are', () => {
    const [two] = xgboostGolden.cases
    const three = xgboostGolden.cases.find(({ name }) => name === 'multi:softprob') ?? two
    const ofTwo = importXgboost(two.json, { classes: ['no', 'yes'] })
    expect(shapValues(ofTwo, toFrame(two, ofTwo))).toMatchObject({ outputs: ['yes'], link: 'logistic' })
    const ofThree = importXgboost(three.json)
    expect(shapValues(ofThree, toFrame(three, ofThree)).outputs).toEqual([0, 1, 2])
  })

  it('need the number of rows in each node', () => {
    const { onnx } = onnxGolden.cases[0]
    const model = importOnnxTrees(Uint8Array.from(atob(onnx), (char) => char.charCodeAt(0)))
    const frame = createFrame(Object.fromEntries(model.inputs.map(({ name }) => [name, numericColumn([1])])))
    expect(() => shapValues(model, frame)).toThrow('TreeSHAP needs the number of training rows')
  })

  it('are for trees only', () => {
    const frame = frameOf([[1], [2], [4]])
    const model = fit(ridge(), { frame, target: numberTarget([1, 2, 3]) })
    expect(() => shapValues(model, frame)).toThrow("'ridge' is not made of trees")
  })
})

describe('shapImportance', () => {
  it('is the mean of the magnitudes, the greatest first', () => {
    const importance = shapImportance({
      features: ['a', 'b'],
      outputs: [null],
      link: 'identity',
      base: Float64Array.of(0),
      values: Float64Array.of(1, -2, -1, 4),
    })
    expect(importance).toEqual([
      { feature: 'b', byOutput: Float64Array.of(3), importance: 3 },
      { feature: 'a', byOutput: Float64Array.of(1), importance: 1 },
    ])
  })
})
