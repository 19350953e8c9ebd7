import { describe, expect, it } from 'vitest'
import { type Column, categoricalColumn, createFrame, type Frame, numericColumn } from '../frame.ts'
import { normalQuantile } from '../normal.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { fitTransform, transform } from '../transform-with.ts'
import type { TransformerSpec } from '../transformer.ts'
import { binning } from './binning.ts'
import golden from './fixtures/golden.json' with { type: 'json' }
import { hash } from './hash.ts'
import { impute } from './impute.ts'
import { interactions } from './interactions.ts'
import { log1p } from './log1p.ts'
import { minMaxScale } from './min-max-scale.ts'
import { oneHot } from './one-hot.ts'
import { ordinal } from './ordinal.ts'
import { quantileTransform } from './quantile-transform.ts'
import { robustScale } from './robust-scale.ts'
import { standardScale } from './standard-scale.ts'
import { targetEncode } from './target-encode.ts'

type Table = readonly (readonly (number | null)[])[]
type Golden = {
  readonly rows: Table
  readonly fresh?: Table
  readonly folds?: Table
  readonly names?: string[]
}

const { data } = golden
const cases: Readonly<Record<string, Golden>> = golden.cases
const weights = Float64Array.from(data.weights)

const frameOf = (...columns: readonly (readonly (number | null)[])[]): Frame =>
  createFrame(
    Object.fromEntries(
      columns.map((values, index): [string, Column] => [`x${index}`, numericColumn(values)]),
    ),
  )
const cityOf = (values: readonly (string | null)[]): Frame => createFrame({ city: categoricalColumn(values) })

const table = frameOf(data.x, data.y)
const both = frameOf(data.gap, data.y)
const fresh = frameOf(data.fresh, data.fresh)
const unseen = cityOf(['Bern', 'Kyiv', 'Oslo'])

/** Rows of numbers, missing as null. */
const rowsOf = (frame: Frame): (number | null)[][] =>
  Array.from({ length: frame.rows }, (_, row) =>
    Object.values(frame.columns).map((column) => {
      const value = column.kind === 'numeric' ? column.values[row] : Number.NaN
      return Number.isNaN(value) ? null : value
    }),
  )

/** Float32 has seven digits, and what is subtracted may have had more of them before the point. */
const expectTable = (actual: Frame, expected: Table, tolerance = 2e-6): void => {
  const rows = rowsOf(actual)
  expect(rows.length).toBe(expected.length)
  expected.forEach((row, index) => {
    expect(rows[index].length).toBe(row.length)
    row.forEach((value, column) => {
      const ours = rows[index][column]
      const near =
        value === null || ours === null
          ? value === ours
          : Math.abs(value - ours) <= tolerance * Math.max(1, Math.abs(value))
      if (!near) expect.fail(`row ${index}, column ${column}: ${ours} instead of ${value}`)
    })
  })
}

const numeric: readonly (readonly [string, TransformerSpec, Frame, Float64Array?])[] = [
  ['standardScale', standardScale(), frameOf(data.gap, data.y, data.constant)],
  ['standardScale weighted', standardScale(), table, weights],
  ['minMaxScale', minMaxScale({ featureRange: [-1, 3], clip: true }), both],
  ['robustScale', robustScale({ quantileRange: [10, 80], unitVariance: true }), both],
  ['quantileTransform', quantileTransform({ nQuantiles: 20 }), both],
  ['quantileTransform normal', quantileTransform({ nQuantiles: 33, outputDistribution: 'normal' }), both],
  ['binning quantile', binning({ nBins: 4, encode: 'ordinal' }), table],
  ['binning quantile weighted', binning({ nBins: 4, encode: 'ordinal' }), table, weights],
  ['binning uniform', binning({ nBins: 4, encode: 'ordinal', strategy: 'uniform' }), table],
  ['binning uniform weighted', binning({ nBins: 4, encode: 'ordinal', strategy: 'uniform' }), table, weights],
  ['binning kmeans', binning({ nBins: 4, encode: 'ordinal', strategy: 'kmeans' }), table],
  ['binning kmeans weighted', binning({ nBins: 4, encode: 'ordinal', strategy: 'kmeans' }), table, weights],
  ['binning one-hot', binning({ nBins: 3 }), table],
  ['impute mean', impute({ addIndicator: true }), both],
  ['impute median', impute({ strategy: 'median', addIndicator: true }), both],
  ['impute most_frequent', impute({ strategy: 'mostFrequent', addIndicator: true }), both],
  ['interactions', interactions(), frameOf(data.x, data.y, data.constant)],
  [
    'log1p',
    log1p(),
    frameOf(
      data.x.map(Math.abs),
      data.y.map((value) => value * 1e-6),
    ),
  ],
]

const categorical: readonly (readonly [string, TransformerSpec, Frame])[] = [
  ['oneHot', oneHot({ handleUnknown: 'ignore' }), cityOf(data.holey)],
  ['oneHot first', oneHot({ handleUnknown: 'ignore', drop: 'first' }), cityOf(data.city)],
  ['oneHot rare', oneHot({ handleUnknown: 'infrequentIfExist', minFrequency: 8 }), cityOf(data.holey)],
  ['oneHot share', oneHot({ handleUnknown: 'infrequentIfExist', minFrequency: 0.2 }), cityOf(data.city)],
  [
    'oneHot few',
    oneHot({ handleUnknown: 'infrequentIfExist', maxCategories: 3, drop: 'first' }),
    cityOf(data.city),
  ],
  ['ordinal', ordinal({ handleUnknown: 'useEncodedValue', unknownValue: -1 }), cityOf(data.holey)],
  [
    'ordinal rare',
    ordinal({
      handleUnknown: 'useEncodedValue',
      unknownValue: -1,
      maxCategories: 3,
      encodedMissingValue: -2,
    }),
    cityOf(data.holey),
  ],
]

const targets: Readonly<Record<string, Target>> = {
  numbers: numberTarget(data.target),
  binary: classTarget(data.binary),
  several: classTarget(data.several),
}

describe(`scikit-learn ${golden.versions['scikit-learn']}`, () => {
  it.each(numeric.map(([name, spec, frame, rowWeights]) => ({ name, spec, frame, rowWeights })))(
    '$name',
    ({ name, spec, frame, rowWeights }) => {
      const { fitted, frame: transformed } = fitTransform(spec, { frame, weights: rowWeights })
      expectTable(transformed, cases[name].rows)
      if (cases[name].fresh) expectTable(transform(fitted, fresh), cases[name].fresh)
    },
  )

  it('interactions squares', () => {
    const { frame } = fitTransform(interactions({ squares: true }), { frame: table })
    expect(Object.keys(frame.columns)).toEqual(['x0', 'x1', 'x0^2', 'x0 x1', 'x1^2'])
    expectTable(frame, cases['interactions squares'].rows)
  })

  it.each(categorical.map(([name, spec, frame]) => ({ name, spec, frame })))(
    '$name',
    ({ name, spec, frame }) => {
      const { fitted, frame: transformed } = fitTransform(spec, { frame })
      expectTable(transformed, cases[name].rows)
      expectTable(transform(fitted, unseen), cases[name].fresh ?? [])
      const names = cases[name].names?.map((title) =>
        title.replace('infrequent_sklearn', '(infrequent)').replace('None', '(missing)'),
      )
      expect(Object.keys(transformed.columns)).toEqual(names)
    },
  )

  it.each(
    ['numbers', 'binary', 'several'].flatMap((kind) =>
      (['auto', 3] as const).map((smooth) => [kind, smooth] as const),
    ),
  )('targetEncode of %s, smooth %s', (kind, smooth) => {
    const expected = cases[`targetEncode ${kind} ${smooth === 3 ? '3.0' : smooth}`]
    const frame = cityOf(data.holey)
    const spec = targetEncode({ smooth, cv: 4, shuffle: false })
    const { fitted, frame: outOfFold } = fitTransform(spec, { frame, target: targets[kind] })
    expectTable(transform(fitted, frame), expected.rows)
    expectTable(transform(fitted, unseen), expected.fresh ?? [])
    expectTable(outOfFold, expected.folds ?? [])
  })

  it('hash', () => {
    const frame = cityOf(golden.cases.hash.words)
    expectTable(fitTransform(hash({ nFeatures: 7 }), { frame }).frame, golden.cases.hash.rows)
  })

  it('normalQuantile', () => {
    for (const [probability, expected] of golden.normalQuantile)
      expect(normalQuantile(probability)).toBeCloseTo(expected, 12)
  })
})
