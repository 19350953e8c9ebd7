import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fit, predict } from '../fit.ts'
import {
  booleanColumn,
  categoricalColumn,
  createFrame,
  type Frame,
  numericColumn,
  timestampColumn,
} from '../frame.ts'
import xgboostGolden from '../importers/fixtures/xgboost.json' with { type: 'json' }
import { importXgboost } from '../importers/xgboost.ts'
import type { LearnerSpec } from '../learner.ts'
import { learnerTask } from '../learner-task.ts'
import { calibrated } from '../learners/calibrated/calibrated.ts'
import { dummyRegressor } from '../learners/dummy/regressor.ts'
import { randomForestClassifier } from '../learners/forest/classifier.ts'
import { extraTreesRegressor } from '../learners/forest/regressor.ts'
import { gradientBoostingClassifier } from '../learners/gradient-boosting/classifier.ts'
import { gradientBoostingRegressor } from '../learners/gradient-boosting/regressor.ts'
import { isolationForest } from '../learners/isolation-forest/isolation-forest.ts'
import { kNeighborsClassifier } from '../learners/k-neighbors/classifier.ts'
import { elasticNet, lasso } from '../learners/linear/elastic-net.ts'
import { linearRegression } from '../learners/linear/linear-regression.ts'
import { ridge } from '../learners/linear/ridge.ts'
import { logisticRegression } from '../learners/logistic/logistic-regression.ts'
import type { Model } from '../model.ts'
import { pipeline } from '../pipeline/spec.ts'
import { takeFrameRows } from '../take-rows.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { freshRows, toFrame, trainingRows } from '../testing/random-frames.ts'
import { transformerCases } from '../testing/transformer-cases.ts'
import { fitTransform, transform } from '../transform-with.ts'
import { binning } from '../transformers/binning.ts'
import { dateParts } from '../transformers/date-parts.ts'
import { hash } from '../transformers/hash.ts'
import { impute } from '../transformers/impute.ts'
import { interactions } from '../transformers/interactions.ts'
import { oneHot } from '../transformers/one-hot.ts'
import { standardScale } from '../transformers/standard-scale.ts'
import { targetEncode } from '../transformers/target-encode.ts'
import { getTransformerKind } from '../transformers.ts'
import { countTreeNodes } from './count-tree-nodes.ts'
import { explain } from './explain.ts'
import type { ShapValues } from './shap.ts'

const rows = Array.from({ length: 48 }, (_, row) => row)
const frame = createFrame({
  size: numericColumn(rows.map((row) => (row % 9 === 4 ? null : ((row * 37) % 61) / 7))),
  city: categoricalColumn(rows.map((row) => (row % 11 === 7 ? null : ['Bern', 'Rome', 'Oslo'][row % 3]))),
  at: timestampColumn(rows.map((row) => Date.UTC(2024, 0, 1 + row, (row * 7) % 24))),
  id: numericColumn(rows),
  age: numericColumn(rows.map((row) => (row * 11) % 17)),
  old: booleanColumn(rows.map((row) => (row * 11) % 17 > 8)),
})
const of = (...names: string[]): Frame =>
  createFrame(Object.fromEntries(names.map((name) => [name, frame.columns[name]])))
const plain = of('id', 'age', 'old')
const numbers = numberTarget(rows.map((row) => 1 + ((row * 37) % 61) - 2 * (row % 3)))
const classTargetOf = (...labels: string[]): Target =>
  classTarget(rows.map((row) => labels[((row * 37) % 61 < 30 ? 1 : 0) + (row % 5 ? 0 : labels.length - 2)]))
const two = classTargetOf('no', 'yes')
const three = classTargetOf('no', 'yes', 'maybe')

const prepared = (learner: LearnerSpec): LearnerSpec =>
  pipeline({
    columns: [
      ['city', [impute({ strategy: 'mostFrequent', addIndicator: true })]],
      ['at', [dateParts({ parts: ['month'], cyclic: ['hour'] })]],
      [
        ['size', 'age'],
        [impute({ addIndicator: true }), interactions({ squares: true })],
      ],
      ['id', 'drop'],
    ],
    learner: pipeline({
      columns: [
        ['city', [oneHot()]],
        [{ kind: 'numeric' }, [standardScale()]],
      ],
      learner,
    }),
  })
const small = { nEstimators: 6, maxDepth: 3 }
const numberLearners = [linearRegression(), ridge(), lasso({ alpha: 0.1 }), elasticNet({ alpha: 0.1 })]
const cases: readonly (readonly [string, LearnerSpec, Frame, Target])[] = [
  ...numberLearners.map((spec) => [spec.kind, spec, plain, numbers] as const),
  ['without an intercept', ridge({ fitIntercept: false }), plain, numbers],
  ['trees', gradientBoostingRegressor(small), of('size', 'city', 'old'), numbers],
  [
    'trees of logarithms',
    gradientBoostingRegressor({ ...small, loss: 'poisson' }),
    plain,
    numberTarget(rows.map((row) => (row * 7) % 13)),
  ],
  ['extra trees', prepared(extraTreesRegressor(small)), frame, numbers],
  ['linear after transformers', prepared(ridge()), frame, numbers],
  ['logistic of two', prepared(logisticRegression({ classWeight: 'balanced' })), frame, two],
  ['logistic of three', prepared(logisticRegression()), frame, three],
  ['boosting of two', gradientBoostingClassifier(small), plain, two],
  ['boosting of three', prepared(gradientBoostingClassifier(small)), frame, three],
  ['a forest of two', randomForestClassifier(small), plain, two],
  ['a forest of three', randomForestClassifier(small), plain, three],
]

/** The explained score of each row, by output. */
const scoresOf = ({ features, outputs, base, values }: ShapValues): number[] =>
  Array.from({ length: values.length / features.length }, (_, line) =>
    values
      .subarray(line * features.length, (line + 1) * features.length)
      .reduce((sum, value) => sum + value, base[line % outputs.length]),
  )

/** Predictions out of scores, as the link says: of two classes those of the second, of more those of all. */
const follow = ({ link, outputs }: ShapValues, scores: readonly number[]): number[] => {
  if (link === 'identity') return [...scores]
  if (link === 'exp') return scores.map(Math.exp)
  if (link === 'logistic') return scores.map((score) => 1 / (1 + Math.exp(-score)))
  return scores.map((score, at) => {
    const begin = at - (at % outputs.length)
    const all = scores.slice(begin, begin + outputs.length)
    return 1 / all.reduce((sum, other) => sum + Math.exp(other - score), 0)
  })
}

const predicted = (model: Model, given: Frame): number[] => {
  const prediction = predict(model, given)
  if (prediction.task === 'regression') return [...prediction.values]
  if (prediction.task !== 'classification') throw new Error(prediction.task)
  const { classes, probabilities } = prediction
  return [...probabilities].filter((_, at) => classes.length > 2 || at % 2 === 1)
}

const expectClose = (actual: readonly number[], expected: readonly number[], most = 1e-5): void => {
  expect(actual).toHaveLength(expected.length)
  for (const [at, value] of expected.entries())
    expect(Math.abs(actual[at] - value)).toBeLessThanOrEqual(most * Math.max(1, Math.abs(value)))
}

describe('explain', () => {
  it.each(cases)('adds up to the score: %s', (_, spec, given, target) => {
    const model = fit(spec, { frame: given, target })
    const explained = explain(model, given)
    expectClose(follow(explained, scoresOf(explained)), predicted(model, given))
    expect(explained.outputs).toHaveLength(target === three ? 3 : 1)
  })

  it('adds up to the score, whatever the rows and what comes before the learner', () => {
    const learners = [
      ridge(),
      logisticRegression(),
      gradientBoostingRegressor({ ...small, minSamplesLeaf: 2 }),
      randomForestClassifier(small),
    ]
    const before = (learner: LearnerSpec): LearnerSpec =>
      pipeline({
        columns: [
          [
            ['x', 'y'],
            [impute({ strategy: 'median' }), standardScale(), interactions()],
          ],
          ['z', [impute({ addIndicator: true }), standardScale()]],
          ['city', [oneHot({ handleUnknown: 'ignore', maxCategories: 3 })]],
          ['kind', [targetEncode({ cv: 2 })]],
          ['at', [impute({ strategy: 'constant', fillValue: 0 }), dateParts({ cyclic: ['hour'] })]],
          ['flag', [impute({ strategy: 'mostFrequent' })]],
        ],
        learner,
      })
    fc.assert(
      fc.property(
        trainingRows(12, 30),
        freshRows(5),
        fc.constantFrom(...learners),
        (known, fresh, learner) => {
          const codes = known.map((_, row) => (row * 7) % 3)
          const target = learnerTask(learner) === 'regression' ? numberTarget(codes) : classTarget(codes)
          const model = fit(before(learner), { frame: toFrame(known), target })
          const explained = explain(model, toFrame(fresh))
          expect(explained.features).toEqual(['x', 'city', 'at', 'y', 'flag', 'kind', 'z'])
          expectClose(follow(explained, scoresOf(explained)), predicted(model, toFrame(fresh)))
        },
      ),
      { numRuns: 40 },
    )
  })

  it('names the columns that go in, without those that are not used', () => {
    const model = fit(prepared(ridge()), { frame, target: numbers })
    expect(explain(model, frame).features).toEqual(['size', 'city', 'at', 'age', 'old'])
  })

  it('counts a linear function from the means of its training rows', () => {
    const weights = Float64Array.from(rows, (row) => row % 3)
    const model = fit(ridge(), { frame: plain, target: numbers, weights }) as Model & {
      coefficients: Float64Array
    }
    const one = takeFrameRows(plain, [5])
    const { base, values } = explain(model, one)
    const mean = (name: 'id' | 'age'): number => {
      const { values: own } = plain.columns[name] as { values: Float32Array }
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      return own.reduce((sum, value, row) => sum + weights[row] * value, 0) / total
    }
    expect(values[0]).toBeCloseTo(model.coefficients[0] * (5 - mean('id')), 10)
    expect(values[1]).toBeCloseTo(model.coefficients[1] * (((5 * 11) % 17) - mean('age')), 10)
    expect(base[0] + values[0] + values[1] + values[2]).toBeCloseTo(predicted(model, one)[0], 10)
  })

  it('gives each column of a product half of it', () => {
    const pair = createFrame({ a: numericColumn([1, 2, 3, 4]), b: numericColumn([5, 1, 4, 2]) })
    const product = numberTarget([5, 2, 12, 8])
    const model = fit(
      pipeline({
        columns: [[['a', 'b'], [interactions({ includeOriginals: false })]]],
        learner: linearRegression(),
      }),
      { frame: pair, target: product },
    )
    const { base, values } = explain(model, pair)
    expect(base[0]).toBeCloseTo(27 / 4, 10)
    expectClose(
      [...values],
      [5, 2, 12, 8].flatMap((value) => [(value - 27 / 4) / 2, (value - 27 / 4) / 2]),
      1e-9,
    )
  })

  it('explains the mean of the scores within a calibrated classifier', () => {
    const spec = calibrated({ learner: prepared(logisticRegression()), folds: 3 })
    const model = fit(spec, { frame, target: two }) as Model & { members: { model: Model }[] }
    const { outputs, link, ...explained } = explain(model, frame)
    const scores = model.members.map((member) =>
      predicted(member.model, frame).map((share) => Math.log(share / (1 - share))),
    )
    expectClose(
      scoresOf({ outputs, link, ...explained }),
      rows.map((row) => scores.reduce((sum, own) => sum + own[row], 0) / 3),
    )
    expect({ outputs, link }).toEqual({ outputs: ['yes'], link: 'logistic' })
  })

  it('explains the second of two classes that have a tree each', () => {
    const golden = xgboostGolden.cases.find(({ name }) => name === 'multi:softprob') ?? xgboostGolden.cases[0]
    const three = importXgboost(golden.json)
    const trees = {
      ...three.trees,
      outputs: 2,
      treeOutput: three.trees.treeOutput.map((output) => output % 2),
      base: three.trees.base.slice(0, 2),
    }
    const two = { ...three, output: { task: 'classification' as const, classes: [0, 1] }, trees }
    const model: Model = two
    const given = createFrame(
      Object.fromEntries(
        model.inputs.map(({ name }, column) => [name, numericColumn(golden.rows.map((row) => row[column]))]),
      ),
    )
    const explained = explain(model, given)
    expect(explained).toMatchObject({ outputs: [1], link: 'logistic' })
    expectClose(follow(explained, scoresOf(explained)), predicted(model, given))
  })

  it.each<[LearnerSpec, Target | undefined]>([
    [kNeighborsClassifier(), two],
    [dummyRegressor(), numbers],
    [isolationForest({ nEstimators: 5 }), undefined],
    [calibrated({ learner: kNeighborsClassifier(), folds: 2 }), two],
  ])('refuses $kind by its name', (spec, target) => {
    const model = fit(spec, { frame: plain, target })
    const kind = spec.kind === 'calibrated' ? 'kNeighborsClassifier' : spec.kind
    expect(() => explain(model, plain)).toThrow(new RegExp(`^a model of kind '${kind}' cannot be explained`))
  })

  it('explains no rows, and refuses frames as predict does', () => {
    const model = fit(prepared(logisticRegression()), { frame, target: three })
    expect(explain(model, takeFrameRows(frame, [])).values).toHaveLength(0)
    expect(() => explain(model, plain)).toThrow("the frame lacks column 'size'")
  })
})

describe('countTreeNodes', () => {
  it('counts those of all trees within a model', () => {
    const stump = gradientBoostingClassifier({ nEstimators: 2, maxDepth: 1, minSamplesLeaf: 1 })
    const count = (spec: LearnerSpec): number => countTreeNodes(fit(spec, { frame: plain, target: two }))
    expect(count(stump)).toBe(6)
    expect(count(calibrated({ learner: pipeline({ learner: stump }), folds: 3 }))).toBe(18)
    expect(count(logisticRegression())).toBe(0)
  })
})

describe('every transformer', () => {
  const cases = [
    ...transformerCases,
    { spec: binning({ nBins: 3 }), kinds: ['numeric'] },
    { spec: targetEncode({ cv: 2 }), kinds: ['categorical'], target: three },
    { spec: hash(), kinds: ['categorical'] },
  ]
  it.each(cases)('says where its columns come from: $spec.kind $spec.options', (given) => {
    const columns = Object.entries(frame.columns).filter(([, { kind }]) =>
      given.kinds.includes(kind as never),
    )
    const part = createFrame(Object.fromEntries(columns))
    const target = 'target' in given ? given.target : numbers
    const { fitted } = fitTransform(given.spec, { frame: part, target: target as Target })
    const after = Object.keys(transform(fitted, part).columns)
    const origins = getTransformerKind(fitted.kind).origins?.(fitted)
    expect(origins ? [...origins.keys()] : Object.keys(part.columns)).toEqual(after)
    for (const [name, made] of origins ?? [])
      for (const origin of made)
        expect([Object.keys(part.columns).includes(origin), name]).toEqual([true, name])
  })
})
