import { expect, test } from 'vitest'
import { rangeProblem } from './range-problem.ts'
import type { ValueRange } from './ranges.ts'
import type { ColumnType } from './schema.ts'

test.each<[ColumnType, ValueRange]>([
  ['int64', { min: 0, outside: 'null' }],
  ['float64', { min: -0.5, max: 0.5, outside: 'clip' }],
  ['timestamp', { min: 0, outside: 'refuse' }],
  ['string', { in: ['a', 'b'], outside: 'null' }],
  ['int64', { in: [1, 2], outside: 'refuse' }],
  ['boolean', { notNull: true, outside: 'refuse' }],
  ['int64', { min: 0, notNull: true, outside: 'clip' }],
])('a range of %s: %o', (type, range) => {
  expect(rangeProblem(type, range)).toBeUndefined()
})

test.each<[ColumnType, ValueRange, RegExp]>([
  ['int64', { outside: 'null' }, /needs min, max, in or notNull/],
  ['string', { min: 1, outside: 'null' }, /min and max are for int64, float64, timestamp, it is string/],
  ['int64', { min: 0.5, outside: 'clip' }, /0.5 is no int64/],
  ['float64', { min: 2, max: 1, outside: 'null' }, /min 2 is above max 1/],
  ['float64', { in: [1], outside: 'null' }, /in is for string and int64, it is float64/],
  ['string', { in: ['a', 1], outside: 'null' }, /1 is no string/],
  ['int64', { in: [1], max: 2, outside: 'null' }, /either in, or min and max/],
  ['string', { in: ['a'], outside: 'clip' }, /clip needs min or max/],
  ['int64', { min: 0, notNull: true, outside: 'null' }, /choose refuse or clip/],
])('no range of %s: %o', (type, range, problem) => {
  expect(rangeProblem(type, range)).toMatch(problem)
})
