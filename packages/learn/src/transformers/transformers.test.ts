import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  booleanColumn,
  categoricalColumn,
  createFrame,
  type Frame,
  numericColumn,
  timestampColumn,
} from '../frame.ts'
import { classTarget } from '../target.ts'
import { listColumns } from '../testing/transformers.ts'
import { fitTransform, transform } from '../transform-with.ts'
import type { TransformerSpec } from '../transformer.ts'
import { getTransformerKind } from '../transformers.ts'
import { binning } from './binning.ts'
import { type CalendarPart, calendarParts } from './calendar.ts'
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

const numbers = (...values: (number | null)[]): Frame => createFrame({ x: numericColumn(values) })
const texts = (...values: (string | null)[]): Frame => createFrame({ c: categoricalColumn(values) })
const fitOn = (spec: TransformerSpec, frame: Frame) => fitTransform(spec, { frame })
const { NaN: missing } = Number

describe('options', () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ["standardScale has no option 'withmean'", () => standardScale({ withmean: true } as object)],
    ["standardScale's withMean must be true or false, not 1", () => standardScale({ withMean: 1 as never })],
    [
      "minMaxScale's featureRange must be two ascending numbers, not [1,1]",
      () => minMaxScale({ featureRange: [1, 1] }),
    ],
    [
      "robustScale's quantileRange must be two ascending numbers from 0 to 100",
      () => robustScale({ quantileRange: [5, 101] }),
    ],
    ['within 0 and 100 for unitVariance', () => robustScale({ quantileRange: [0, 50], unitVariance: true })],
    ["quantileTransform's nQuantiles must be an integer", () => quantileTransform({ nQuantiles: 0 })],
    ['clip needs min, max or quantiles', () => clip({})],
    ['not both', () => clip({ min: 1, quantiles: [0, 1] })],
    ["clip's min must not be above its max, not 2 and 1", () => clip({ min: 2, max: 1 })],
    ["outliers's factor must be a finite number >= 0, not -1", () => outliers({ factor: -1 })],
    ["binning's nBins must be an integer from 2", () => binning({ nBins: 1 })],
    ["impute's strategy must be 'mean' or", () => impute({ strategy: 'mode' as never })],
    ["impute's fillValue is for strategy 'constant', not 'mean'", () => impute({ fillValue: 1 })],
    ["oneHot's minFrequency must be an integer >= 1 or a share", () => oneHot({ minFrequency: 1.5 })],
    ["ordinal's maxCategories must be an integer", () => ordinal({ maxCategories: 0 })],
    ["targetEncode's smooth must be a finite number >= 0", () => targetEncode({ smooth: -1 })],
    ["hash's nFeatures must be an integer from 1", () => hash({ nFeatures: 0 })],
    ["dateParts's parts must be a list of year, month", () => dateParts({ parts: ['week' as never] })],
    ['dateParts needs a part', () => dateParts({ parts: [] })],
    ["interactions's squares must be true or false", () => interactions({ squares: null as never })],
  ]
  it.each(wrong)('%s', (message, make) => {
    expect(make).toThrow(RangeError)
    expect(make).toThrow(message)
  })

  it('are checked by the fit, too: a specification may come from a file', () => {
    expect(() => fitOn({ kind: 'clip', options: {} }, numbers(1))).toThrow('clip needs min')
    expect(() => fitOn({ kind: 'scale', options: {} }, numbers(1))).toThrow("there is no transformer 'scale'")
  })

  it('hold only what was given', () => {
    expect(impute({ strategy: 'median', addIndicator: undefined })).toEqual({
      kind: 'impute',
      options: { strategy: 'median' },
    })
  })
})

describe('columns of the wrong kind or without values', () => {
  const numeric = [standardScale(), minMaxScale(), robustScale(), quantileTransform(), outliers(), binning()]
  it.each(numeric)('$kind refuses text and columns without values', (spec) => {
    expect(() => fitOn(spec, texts('a'))).toThrow(
      `${spec.kind} takes numeric columns; column 'c' is categorical`,
    )
    expect(() => fitOn(spec, numbers(null, null))).toThrow(`${spec.kind}: column 'x' has no value`)
  })

  it.each([oneHot(), ordinal(), targetEncode(), hash()])('$kind refuses numbers', (spec) => {
    const target = classTarget(['a', 'b'])
    expect(() => fitTransform(spec, { frame: numbers(1, 2), target })).toThrow(
      `${spec.kind} takes categorical columns; column 'x' is numeric`,
    )
  })

  it('impute refuses what it cannot learn', () => {
    expect(() => fitOn(impute(), texts('a', null))).toThrow(
      "strategy 'mean' takes numbers; column 'c' is categorical",
    )
    expect(() => fitOn(impute({ strategy: 'constant', fillValue: 'x' }), numbers(1))).toThrow(
      'fillValue "x" does not fit column \'x\', which is numeric',
    )
    expect(() => fitOn(impute(), numbers(null))).toThrow("impute: column 'x' has no value")
    const { frame } = fitOn(impute({ keepEmptyFeatures: true }), numbers(null))
    expect(listColumns(frame)).toEqual({ x: [0] })
  })

  it('transform names the column that is missing or of another kind', () => {
    const { fitted } = fitOn(standardScale(), numbers(1, 2))
    expect(() => transform(fitted, texts('a'))).toThrow("lacks column 'x'")
    expect(() => transform(fitted, createFrame({ x: categoricalColumn(['a']) }))).toThrow(
      "column 'x' is categorical; the transformer was fitted to numeric",
    )
  })
})

describe('what is missing, constant, infinite or beyond the training', () => {
  const fresh = numbers(null, 2, 9, Infinity, -Infinity)
  it.each<[TransformerSpec, number[]]>([
    [standardScale(), [missing, 0, 7, Infinity, -Infinity]],
    [minMaxScale({ clip: true }), [missing, 0, 1, 1, 0]],
    [robustScale(), [missing, 0, 7, Infinity, -Infinity]],
    [quantileTransform(), [missing, 0, 0, 0, 0]],
    [outliers(), [missing, 2, 2, 2, 2]],
    [binning({ encode: 'ordinal' }), [missing, 0, 0, 0, 0]],
  ])('of a constant column: $kind', (spec, expected) => {
    const { fitted } = fitOn(spec, numbers(2, 2, null))
    expect(listColumns(transform(fitted, fresh)).x).toEqual(expected)
  })

  it('log1p: not above -1 is missing, and refused in the fit', () => {
    const { fitted } = fitOn(log1p(), numbers(0, null))
    const { x } = listColumns(transform(fitted, numbers(-1, -2, null, Infinity, 1e-12, 0)))
    expect(x).toEqual([missing, missing, missing, Infinity, Math.fround(1e-12), 0])
    expect(() => fitOn(log1p(), numbers(0, -1))).toThrow("column 'x' is -1 in row 1; it must be above -1")
  })

  it('outliers become missing', () => {
    const { fitted } = fitOn(outliers({ action: 'missing' }), numbers(1, 2, 3, 4, 5))
    expect(listColumns(transform(fitted, numbers(-1, -1.5, 7, 8, null))).x).toEqual([
      -1,
      missing,
      7,
      missing,
      missing,
    ])
  })

  it('binning: missing is 0 in all bins', () => {
    const { fitted } = fitOn(binning({ nBins: 2, strategy: 'uniform' }), numbers(0, 4))
    expect(listColumns(transform(fitted, numbers(2, null, 1)))).toEqual({ x_0: [0, 0, 1], x_1: [1, 0, 0] })
  })
})

describe('categories', () => {
  it.each([oneHot(), ordinal()])('$kind refuses unknown ones by name', (spec) => {
    const { fitted } = fitOn(spec, texts('a', 'b'))
    expect(() => transform(fitted, texts('a', 'new'))).toThrow(`${spec.kind}: column 'c' is 'new' in row 1`)
    // A category that no row has is none.
    const unused = createFrame({
      c: { kind: 'categorical', codes: Int32Array.of(0), categories: ['a', 'new'] },
    })
    expect(transform(fitted, unused).rows).toBe(1)
  })

  it('oneHot refuses missing ones that the training did not have', () => {
    const { fitted } = fitOn(oneHot(), texts('a', 'b'))
    expect(() => transform(fitted, texts(null))).toThrow("column 'c' is missing in row 0")
  })

  it('drop of a column with two results', () => {
    expect(listColumns(fitOn(oneHot({ drop: 'ifBinary' }), texts('a', 'b')).frame)).toEqual({ c_b: [0, 1] })
  })

  it('ordinal refuses a number of unknown ones that a category has', () => {
    const spec = ordinal({ handleUnknown: 'useEncodedValue', unknownValue: 1 })
    expect(() => fitOn(spec, texts('a', 'b'))).toThrow(
      "unknownValue 1 is the number of a category of column 'c'",
    )
  })

  it('two columns of one name are refused', () => {
    const frame = createFrame({ a: categoricalColumn(['b_c']), a_b: categoricalColumn(['c']) })
    expect(() => fitOn(oneHot(), frame)).toThrow("two columns would be called 'a_b_c'")
  })

  it('targetEncode needs a target of two classes and rows enough', () => {
    const frame = texts('a', 'b')
    expect(() => fitTransform(targetEncode(), { frame })).toThrow('targetEncode needs a target')
    expect(() => fitTransform(targetEncode(), { frame, target: classTarget(['x', 'x']) })).toThrow(
      'two classes',
    )
    expect(() => fitTransform(targetEncode(), { frame, target: classTarget(['x', 'y']) })).toThrow(
      'cannot make 5 folds',
    )
  })

  it('targetEncode does not show a row its own target', () => {
    // Each row has a category of its own: the others know nothing of it.
    const frame = texts('a', 'b', 'c', 'd')
    const target = classTarget([0, 1, 0, 1])
    const { frame: outOfFold } = fitTransform(targetEncode({ smooth: 0, cv: 2 }), { frame, target })
    expect(listColumns(outOfFold).c).toEqual([0.5, 0.5, 0.5, 0.5])
    // A row without weight is not there; it is encoded as a new one.
    const five = texts('a', 'b', 'c', 'd', 'a')
    const weights = Float64Array.of(1, 1, 1, 1, 0)
    const more = { frame: five, target: classTarget([0, 1, 0, 1, 1]), weights }
    const { frame: weighted } = fitTransform(targetEncode({ smooth: 0, cv: 2 }), more)
    expect(listColumns(weighted).c).toEqual([0.5, 0.5, 0.5, 0.5, 0])
  })
})

describe('dateParts', () => {
  const parts = Object.keys(calendarParts) as CalendarPart[]
  it('agrees with Date', () => {
    const { fitted } = fitOn(dateParts({ parts }), createFrame({ t: timestampColumn([0]) }))
    fc.assert(
      fc.property(fc.integer({ min: -8.6e15, max: 8.64e15 }), (time) => {
        const date = new Date(time)
        const day = date.getUTCDay()
        const begin = new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1)
        const at = listColumns(transform(fitted, createFrame({ t: timestampColumn([date]) })))
        expect(Object.values(at).flat()).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
          (day + 6) % 7,
          Math.floor((time - begin) / 86_400_000) + 1,
          date.getUTCHours(),
          date.getUTCMinutes(),
          day === 0 || day === 6 ? 1 : 0,
        ])
      }),
      {
        numRuns: 500,
        examples: ['2024-02-29', '2024-12-31', '1900-03-01', '2000-02-29'].map((day) => [Date.parse(day)]),
      },
    )
  })

  it('turns parts of a period into points of a circle, at the clock that is meant', () => {
    const spec = dateParts({ parts: ['hour'], cyclic: ['hour'], utcOffsetMinutes: 120 })
    const { frame } = fitOn(
      spec,
      createFrame({ t: timestampColumn([Date.parse('2024-01-01T04:00Z'), null]) }),
    )
    expect(listColumns(frame)).toEqual({
      t_hour: [6, missing],
      t_hour_sin: [1, missing],
      t_hour_cos: [expect.closeTo(0, 7), missing],
    })
  })
})

describe('interactions', () => {
  it('of one column are none', () => {
    expect(Object.keys(fitOn(interactions(), numbers(1)).frame.columns)).toEqual(['x'])
    expect(() => fitOn(interactions({ includeOriginals: false }), numbers(1))).toThrow("column 'x' is alone")
  })
})

describe('check', () => {
  it('refuses what would lead transform astray', () => {
    const frame = createFrame({ x: numericColumn([1, 2, 4]), y: numericColumn([1, 3, 2]) })
    const city = createFrame({ c: categoricalColumn(['a', 'b']) })
    const broken: [object, string][] = [
      [
        { ...fitOn(standardScale(), frame).fitted, center: Float32Array.of(1) },
        'center must be Float32Array of 2',
      ],
      [{ ...fitOn(standardScale(), frame).fitted, columns: 'xy' }, 'list of texts'],
      [{ ...fitOn(binning(), frame).fitted, offsets: Uint32Array.of(0, 9, 1) }, 'offsets must cut'],
      [{ ...fitOn(quantileTransform(), frame).fitted, at: new Float64Array(1) }, 'at must be Float64Array'],
      [{ ...fitOn(interactions(), frame).fitted, left: Int32Array.of(7) }, 'columns that there are not'],
      [{ ...fitOn(hash(), city).fitted, nFeatures: 1e9 }, "hash's nFeatures must be"],
    ]
    for (const [fitted, message] of broken) {
      const { kind } = fitted as { kind: string }
      expect(() => getTransformerKind(kind).check({ ...fitted, kind })).toThrow(message)
    }
  })

  it('lets through what was fitted', () => {
    const frame = createFrame({ flag: booleanColumn([true, null]) })
    const { fitted } = fitOn(impute({ strategy: 'mostFrequent' }), frame)
    expect(() => getTransformerKind('impute').check(fitted)).not.toThrow()
    expect(listColumns(transform(fitted, frame)).flag).toEqual([1, 1])
  })
})
