import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ColumnKind } from '../frame.ts'
import { classTarget, numberTarget, type Target } from '../target.ts'
import { freshRows, type RandomRow, toFrame, trainingRows } from '../testing/random-frames.ts'
import { listColumns, transformInOnnx } from '../testing/transformers.ts'
import { fitTransform, transform } from '../transform-with.ts'
import type { TransformerSpec } from '../transformer.ts'
import { binning } from './binning.ts'
import { clip } from './clip.ts'
import { dateParts } from './date-parts.ts'
import { hash } from './hash.ts'
import { impute } from './impute.ts'
import { interactions } from './interactions.ts'
import { log1p } from './log1p.ts'
import { minMaxScale } from './min-max-scale.ts'
import { oneHot } from './one-hot.ts'
import { ordinal } from './ordinal.ts'
import { outliers } from './outliers.ts'
import { quantileTransform } from './quantile-transform.ts'
import { robustScale } from './robust-scale.ts'
import { standardScale } from './standard-scale.ts'
import { targetEncode } from './target-encode.ts'

type Case = { readonly spec: TransformerSpec; readonly kinds: readonly ColumnKind[]; readonly near?: boolean }
const numeric: readonly ColumnKind[] = ['numeric']
const text: readonly ColumnKind[] = ['categorical']

const cases: readonly Case[] = [
  { spec: standardScale(), kinds: numeric },
  { spec: standardScale({ withMean: false }), kinds: numeric },
  { spec: minMaxScale({ featureRange: [-1, 2], clip: true }), kinds: numeric },
  { spec: robustScale({ unitVariance: true }), kinds: numeric },
  { spec: quantileTransform({ nQuantiles: 7 }), kinds: numeric },
  // Of logarithms ONNX Runtime may have another last digit.
  { spec: quantileTransform({ outputDistribution: 'normal' }), kinds: numeric, near: true },
  { spec: log1p(), kinds: numeric, near: true },
  { spec: clip({ quantiles: [0.1, 0.8] }), kinds: numeric },
  { spec: clip({ max: 2 }), kinds: numeric },
  { spec: outliers(), kinds: numeric },
  { spec: outliers({ action: 'missing', factor: 0.5 }), kinds: numeric },
  { spec: binning(), kinds: numeric },
  { spec: binning({ strategy: 'uniform', encode: 'ordinal' }), kinds: numeric },
  { spec: binning({ strategy: 'kmeans', encode: 'ordinal' }), kinds: numeric },
  { spec: interactions({ squares: true }), kinds: numeric },
  { spec: impute({ strategy: 'median', addIndicator: true }), kinds: ['numeric', 'timestamp'] },
  {
    spec: impute({ strategy: 'mostFrequent', addIndicator: true }),
    kinds: ['numeric', 'timestamp', 'categorical', 'boolean'],
  },
  { spec: impute({ strategy: 'constant', fillValue: 'none' }), kinds: text },
  { spec: oneHot({ handleUnknown: 'ignore' }), kinds: text },
  { spec: oneHot({ handleUnknown: 'infrequentIfExist', minFrequency: 2, drop: 'first' }), kinds: text },
  { spec: ordinal({ handleUnknown: 'useEncodedValue', unknownValue: -1, maxCategories: 3 }), kinds: text },
  { spec: targetEncode({ cv: 2 }), kinds: text },
  { spec: hash({ nFeatures: 5 }), kinds: text },
  { spec: hash({ nFeatures: 1000, encode: 'ordinal' }), kinds: text },
  {
    spec: dateParts({
      parts: ['year', 'month', 'day', 'dayOfWeek', 'dayOfYear', 'hour', 'minute', 'isWeekend'],
      cyclic: ['month', 'day', 'dayOfWeek', 'dayOfYear', 'hour', 'minute'],
      utcOffsetMinutes: -330,
    }),
    kinds: ['timestamp'],
  },
]

const pickKinds = (rows: readonly RandomRow[], { spec, kinds }: Case) => {
  const frame = toFrame(
    spec.kind === 'log1p'
      ? rows.map(({ x, y, z, ...others }) => ({ ...others, x: abs(x), y: abs(y), z: abs(z) }))
      : rows,
  )
  return {
    rows: frame.rows,
    columns: Object.fromEntries(Object.entries(frame.columns).filter(([, { kind }]) => kinds.includes(kind))),
  }
}
const abs = (value: number | null): number | null => (value === null ? null : Math.abs(value))

const targets: readonly ((rows: number) => Target)[] = [
  (rows) => numberTarget(Array.from({ length: rows }, (_, row) => (row * row) % 7)),
  (rows) => classTarget(Array.from({ length: rows }, (_, row) => row % 3 > 0)),
  (rows) => classTarget(Array.from({ length: rows }, (_, row) => `c${row % 3}`)),
]

const roundings = (actual: number | string, expected: number | string, near: boolean | undefined): boolean =>
  Object.is(actual, expected) ||
  (near === true &&
    Math.abs(Number(actual) - Number(expected)) <= 2e-7 * Math.max(1, Math.abs(Number(expected))))

describe('every transformer', () => {
  it.each(cases)('gives the same bits in ONNX Runtime: $spec.kind $spec.options', async (given) => {
    await fc.assert(
      fc.asyncProperty(
        trainingRows(6, 40),
        freshRows(20),
        fc.constantFrom(...targets),
        async (training, fresh, makeTarget) => {
          const frame = pickKinds(training, given)
          const { fitted } = fitTransform(given.spec, { frame, target: makeTarget(frame.rows) })
          for (const part of [frame, pickKinds(fresh, given)]) {
            const ours = listColumns(transform(fitted, part))
            const theirs = await transformInOnnx(fitted, part)
            expect(Object.keys(theirs)).toEqual(Object.keys(ours))
            for (const [name, values] of Object.entries(ours))
              values.forEach((value, row) => {
                if (!roundings(theirs[name][row], value, given.near))
                  expect.fail(`${name}, row ${row}: ${theirs[name][row]} in ONNX Runtime, ${value} here`)
              })
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})
