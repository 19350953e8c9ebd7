import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitBins } from './bins.ts'
import { mergeProfiles } from './merge-profiles.ts'
import { parseProfile } from './parse-profile.ts'
import {
  type ColumnProfile,
  countRows,
  fitCategories,
  type NumericProfile,
  profileCategorical,
  profileNumeric,
} from './profile.ts'

const numbers = fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6 }), fc.integer({ min: -3, max: 3 })), {
  maxLength: 40,
})
const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'x', 'y', null, undefined), { maxLength: 40 })
const edges = fitBins([-1e5, -2, -1, 0, 1, 2, 1e5], 20)

const profiles: [string, fc.Arbitrary<{ parts: ColumnProfile[]; whole: ColumnProfile }>][] = [
  [
    'numeric',
    fc.tuple(numbers, numbers, numbers).map((parts) => ({
      parts: parts.map((part) => profileNumeric(part, edges)),
      whole: profileNumeric(parts.flat(), edges),
    })),
  ],
  [
    'categorical',
    fc.tuple(texts, texts, texts).map((parts) => ({
      parts: parts.map((part) => profileCategorical(part, ['b', 'a', 'c'])),
      whole: profileCategorical(parts.flat(), ['b', 'a', 'c']),
    })),
  ],
]

function expectEqual(actual: ColumnProfile, expected: ColumnProfile): void {
  if (actual.kind === 'categorical' || expected.kind === 'categorical') {
    expect(actual).toEqual(expected)
    return
  }
  expect({ ...actual, mean: null, variance: null }).toEqual({ ...expected, mean: null, variance: null })
  expectClose(actual.mean, expected.mean, 1e6)
  expectClose(actual.variance, expected.variance, 1e12)
}

function expectClose(actual: number | null, expected: number | null, scale: number): void {
  if (actual === null || expected === null) expect(actual).toBe(expected)
  else expect(Math.abs(actual - expected) / scale).toBeLessThan(1e-12)
}

describe.each(profiles)('a %s profile', (_, arbitrary) => {
  it('merged from parts is the profile of the whole, in any grouping and order', () => {
    fc.assert(
      fc.property(arbitrary, ({ parts: [a, b, c], whole }) => {
        expectEqual(mergeProfiles(mergeProfiles(a, b), c), whole)
        expectEqual(mergeProfiles(a, mergeProfiles(b, c)), whole)
        expectEqual(mergeProfiles(c, mergeProfiles(b, a)), whole)
      }),
    )
  })

  it('survives JSON', () => {
    fc.assert(
      fc.property(arbitrary, ({ whole }) => {
        expect(parseProfile(JSON.parse(JSON.stringify(whole)))).toEqual(JSON.parse(JSON.stringify(whole)))
      }),
    )
  })
})

describe('profileNumeric', () => {
  it('counts below, inside, above and missing, and takes the moments', () => {
    const profile = profileNumeric([0, 1, 2, 3, 9, -4, Number.NaN, Number.POSITIVE_INFINITY], [0, 2, 3])
    expect(profile).toEqual({
      kind: 'numeric',
      edges: [0, 2, 3],
      counts: [1, 2, 2, 1],
      count: 6,
      missing: 2,
      mean: 11 / 6,
      variance: expect.closeTo(111 / 6 - (11 / 6) ** 2, 12),
      min: -4,
      max: 9,
    })
    expect(countRows(profile)).toBe(8)
  })

  it('has no moments without values', () => {
    const empty = profileNumeric([Number.NaN], [0, 1])
    expect(empty).toMatchObject({ count: 0, missing: 1, mean: null, variance: null, min: null, max: null })
  })

  it('keeps a small spread on a large mean', () => {
    const profile = profileNumeric([1e9 + 1, 1e9 + 2, 1e9 + 3], [0, 1])
    expect(profile.variance).toBeCloseTo(2 / 3, 9)
  })

  it('refuses bad edges and overflowing values', () => {
    for (const wrong of [[], [1], [2, 1], [0, 0, 1], [0, Number.NaN]]) {
      expect(() => profileNumeric([1], wrong)).toThrow(/edges must be/)
    }
    expect(() => profileNumeric([1e200, -1e200], [0, 1])).toThrow(/the variance overflows/)
  })
})

describe('profileCategorical', () => {
  it('counts known, other and missing', () => {
    expect(profileCategorical(['a', 'b', 'a', 'z', null, undefined], ['a', 'b', 'c'])).toEqual({
      kind: 'categorical',
      categories: ['a', 'b', 'c'],
      counts: [2, 1, 0],
      other: 1,
      missing: 2,
      count: 4,
    })
  })

  it('keeps the most frequent categories, ties by name', () => {
    expect(fitCategories(['c', 'b', 'c', 'a', null], 2)).toEqual(['c', 'a'])
    expect(fitCategories(['__proto__', 'toString'], 5)).toEqual(['__proto__', 'toString'])
  })

  it('refuses bad input by name', () => {
    expect(() => fitCategories([null], 3)).toThrow(/reference has no value/)
    expect(() => fitCategories(['a'], 0)).toThrow(/maxCategories is 0/)
    expect(() => profileCategorical(['a'], ['a', 'b', 'a'])).toThrow(/categories names "a" twice/)
  })
})

describe('mergeProfiles', () => {
  it('refuses profiles of different cells', () => {
    const numeric = profileNumeric([1], [0, 1])
    const categorical = profileCategorical(['a'], ['a'])
    expect(() => mergeProfiles(numeric, categorical)).toThrow(/second is categorical, expected numeric/)
    expect(() => mergeProfiles(numeric, profileNumeric([1], [0, 2]))).toThrow(/second.edges differ/)
    expect(() => mergeProfiles(categorical, profileCategorical([], ['b']))).toThrow(
      /second.categories differ/,
    )
  })
})

describe('parseProfile', () => {
  const numeric: NumericProfile = profileNumeric([1, 2], [0, 1, 3])
  const categorical = profileCategorical(['a', 'b'], ['a', 'b'])

  it.each([
    [null, /JSON object/],
    [[], /JSON object/],
    [{ kind: 'text' }, /kind is "text"/],
    [{ ...numeric, edges: '0,1' }, /edges must be a list/],
    [{ ...numeric, edges: [0, null, 3] }, /edges\[1\] is null/],
    [{ ...numeric, edges: [3, 1, 0] }, /edges must be/],
    [{ ...numeric, counts: [1, 1] }, /counts has 2 entries, expected 4/],
    [{ ...numeric, counts: [0, 0.5, 1.5, 0] }, /counts\[1\] is 0.5/],
    [{ ...numeric, count: 3 }, /count is 3, but the cells add up to 2/],
    [{ ...numeric, missing: -1 }, /missing is -1/],
    [{ ...numeric, mean: null }, /mean is null, expected a finite number/],
    [{ ...numeric, counts: [0, 0, 0, 0], count: 0 }, /mean is 1.5, expected null/],
    [{ ...categorical, categories: ['a', 1] }, /categories\[1\] is 1/],
    [{ ...categorical, categories: ['a', 'a'] }, /names "a" twice/],
    [{ ...categorical, counts: [1] }, /counts has 1 entries/],
    [{ ...categorical, other: 1 }, /count is 2, but the cells add up to 3/],
  ])('refuses %j', (json, message) => {
    expect(() => parseProfile(json)).toThrow(message)
  })
})
