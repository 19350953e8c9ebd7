import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['1.5h', 5_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text, 'x')).toBe(ms)
  })

  it('reads any whole number of any unit', () => {
    const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.constantFrom('ms', 's', 'm', 'h', 'd'),
        (n, unit) => {
          expect(parseDuration(`${n}${unit}`, 'x')).toBe(n * units[unit as keyof typeof units])
          expect(parseDuration(`-${n}${unit}`, 'x', { signed: true })).toBe(
            -n * units[unit as keyof typeof units],
          )
        },
      ),
    )
  })

  it.each(['', '5', 'h', '5 h', '5y', '1e3s', '+5m', '0d', '-1d', '0.5ms', '99999999999999999w'])(
    'refuses "%s" and names the definition',
    (text) => {
      expect(() => parseDuration(text, 'feature view "x": ttl')).toThrow(/^feature view "x": ttl: "/)
    },
  )

  it('takes zero and negative ones where a sign makes sense', () => {
    expect(parseDuration('0d', 'x', { signed: true })).toBe(0)
    expect(Object.is(parseDuration('-0d', 'x', { signed: true }), 0)).toBe(true)
    expect(parseDuration('-90d', 'x', { signed: true })).toBe(-7_776_000_000)
  })
})
