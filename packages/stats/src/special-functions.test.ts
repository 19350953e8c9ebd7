import { describe, expect, it } from 'vitest'
import golden from './fixtures/scipy.json' with { type: 'json' }
import {
  chiSquareSf,
  kolmogorovSf,
  logGamma,
  normalHalfWidth,
  normalSf,
  normalTwoSided,
} from './special-functions.ts'
import { relativeError } from './testing/samples.ts'

describe('special functions agree with scipy', () => {
  it.each(golden.logGamma)('logGamma(%d)', (x, expected) => {
    expect(relativeError(logGamma(x), expected)).toBeLessThan(1e-13)
  })

  it.each(golden.chi2Sf)('chiSquareSf(%d, %d)', (x, df, expected) => {
    expect(relativeError(chiSquareSf(x, df), expected)).toBeLessThan(1e-12)
  })

  it.each(golden.normalSf)('normalSf(%d)', (z, expected) => {
    expect(relativeError(normalSf(z), expected)).toBeLessThan(1e-12)
  })

  it.each(golden.normalHalfWidth)('normalHalfWidth(%d)', (confidence, expected) => {
    expect(relativeError(normalHalfWidth(confidence), expected)).toBeLessThan(1e-11)
  })

  it.each(golden.kolmogorovSf)('kolmogorovSf(%d)', (z, expected) => {
    expect(relativeError(kolmogorovSf(z), expected)).toBeLessThan(1e-13)
  })

  it('are defined at their ends', () => {
    expect([chiSquareSf(0, 3), chiSquareSf(Number.POSITIVE_INFINITY, 3)]).toEqual([1, 0])
    expect([normalSf(Number.POSITIVE_INFINITY), normalSf(Number.NEGATIVE_INFINITY)]).toEqual([0, 1])
    expect([normalTwoSided(0), kolmogorovSf(0)]).toEqual([1, 1])
  })
})
