import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatTime, fromFeast, parseTime, toJson } from './cells.ts'

test('times without a zone are in UTC, to the microsecond', () => {
  const noon = Date.UTC(2026, 0, 1, 12)
  expect(parseTime('2026-01-01T12:00:00')).toBe(noon)
  expect(parseTime('2026-01-01 12:00:00+00:00')).toBe(noon)
  expect(parseTime('2026-01-01T13:00:00+0100')).toBe(noon)
  expect(parseTime('2026-01-01T12:00:00.000001')).toBe(noon + 0.001)
  expect(parseTime('2026-01-01')).toBe(noon - 12 * 3_600_000)
  for (const wrong of ['2026-13-01', 'now', '2026-01-01T25:00', '']) expect(parseTime(wrong)).toBeUndefined()
})

test('times are written as protobuf writes them', () => {
  expect(formatTime(null)).toBe('1970-01-01T00:00:00Z')
  expect(formatTime(1500)).toBe('1970-01-01T00:00:01.500Z')
  expect(formatTime(0.001)).toBe('1970-01-01T00:00:00.000001Z')
  expect(formatTime(-0.001)).toBe('1969-12-31T23:59:59.999999Z')
  fc.assert(
    fc.property(fc.integer({ min: -1e15, max: 4e15 }), (micros) => {
      expect(parseTime(formatTime(micros / 1000))).toBe(micros / 1000)
    }),
  )
})

test('texts become what their column is, if they can', () => {
  expect(fromFeast('1001', 'int64')).toBe(1001)
  expect(fromFeast('1e3', 'float64')).toBe(1000)
  expect(fromFeast('NaN', 'float64')).toBeNull()
  expect(fromFeast(1_700_000_000, 'timestamp')).toBe(1_700_000_000_000)
  expect(fromFeast(undefined, 'string')).toBeNull()
  // Refused by the check of the row, with its name.
  for (const wrong of ['1.5', '', 'x', true]) expect(fromFeast(wrong, 'int64')).toBe(wrong)
  expect(fromFeast(1, 'string')).toBe(1)
})

test('numbers keep the type of their column', () => {
  expect([5, -0, 0.1, 1e21, 5e-324].map((value) => toJson(value, 'float64'))).toEqual([
    '5.0',
    '-0.0',
    '0.1',
    '1e+21',
    '5e-324',
  ])
  expect(toJson(5, 'int64')).toBe('5')
  expect(toJson(1500, 'timestamp')).toBe('1')
  expect([toJson('"', 'string'), toJson(null, 'float64'), toJson(true, 'boolean')]).toEqual([
    '"\\""',
    'null',
    'true',
  ])
})
