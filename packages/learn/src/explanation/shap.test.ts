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
import { columnsOf, randomEnsemble, randomFeatures, randomTable } from '../testing/random-ensembles.ts'
import type { TreeEnsemble } from '../trees/ensemble.ts'
import { goesLeft } from '../trees/goes-left.ts'
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

/** What a tree gives if only some features are known: the others go both ways, as often as the training rows did. */
const expectTree = (
  trees: TreeEnsemble,
  node: number,
  row: readonly number[],
  known: number,
  output: number,
): number => {
  const { feature, right, cover, value, valuesPerLeaf } = trees
  const tested = feature[node]
  if (tested < 0) return value[node * valuesPerLeaf + (valuesPerLeaf === 1 ? 0 : output)]
  const [left, other] = [node + 1, right[node]]
  const follow = (child: number): number => expectTree(trees, child, row, known, output)
  if ((known >> tested) & 1) return follow(goesLeft(trees, node, row[tested]) ? left : other)
  const share = cover[node] > 0 ? cover[left] / cover[node] : 0.5
  return share * follow(left) + (1 - share) * follow(other)
}

/** Shapley's formula over all sets of features. */
const shapleyValue = (game: (known: number) => number, feature: number): number => {
  const weights = [1 / 3, 1 / 6, 1 / 3]
  let sum = 0
  for (let known = 0; known < 1 << randomFeatures; known += 1) {
    if ((known >> feature) & 1) continue
    const size = (known & 1) + ((known >> 1) & 1) + ((known >> 2) & 1)
    sum += weights[size] * (game(known | (1 << feature)) - game(known))
  }
  return sum
}

describe('treeShap', () => {
  it('gives the Shapley values of the game', () => {
    fc.assert(
      fc.property(randomEnsemble, randomTable, (trees, [row]) => {
        const count = trees.offsets.length - 1
        for (let tree = 0; tree < count; tree += 1) fc.pre(trees.cover[trees.offsets[tree]] > 0)
        const { base, values } = treeShap(trees, columnsOf([row]), 1)
        for (let output = 0; output < trees.outputs; output += 1) {
          const game = (known: number): number => {
            let sum = 0
            for (let tree = 0; tree < count; tree += 1)
              if (trees.valuesPerLeaf > 1 || trees.treeOutput[tree] === output)
                sum += expectTree(trees, trees.offsets[tree], row.map(Math.fround), known, output)
            return trees.base[output] + (trees.aggregate === 'average' ? sum / count : sum)
          }
          expect(base[output]).toBeCloseTo(game(0), 9)
          for (let feature = 0; feature < randomFeatures; feature += 1)
            expect(values[output * randomFeatures + feature]).toBeCloseTo(shapleyValue(game, feature), 9)
        }
      }),
    )
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
