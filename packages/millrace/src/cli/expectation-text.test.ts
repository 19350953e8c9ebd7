import type { Expectation } from '@millrace/protocol'
import { expect as check, test } from 'vitest'
import { columnsOf, schemaOf, t } from '../definition/column.ts'
import { expect } from '../definition/expect.ts'
import { writeSuite } from '../definition/gx-suite.ts'
import { formatExpectations } from './expectation-text.ts'

const c = columnsOf('dataset "d"', schemaOf({ n: t.int64(), name: t.string() }))

const rules = [
  expect.rowCount({ min: 5, max: 10 }).warn(),
  expect(c.n).notToBeNull().mostly(0.9).because('it\'s "usual"\n'),
  expect(c.name).toMatch(/^[A-Z]\/\d\\$/),
  expect(c.name).toBeIn(["it's", 'a "b"', 'back\\slash']),
  expect(c.name).length({ min: 1 }).info(),
  expect(c.n).toBeBetween(1, 5).warn(),
  expect(c.n).toBeUnique().where(c.name, '==', 'a'),
]

test('what is printed as a definition means what it was printed from', () => {
  const expectations = rules.map(({ definition }) => definition)
  const text = formatExpectations(expectations)
  check(text.split('\n')[0]).toBe('expect.rowCount({ min: 5, max: 10 }).warn(),')
  const read = new Function('expect', 'c', `return [${text}]`) as (...args: unknown[]) => typeof rules
  const definitions = read(expect, c).map(({ definition }) => definition)
  check(definitions).toEqual(expectations)
})

test('what is written as a suite is read as it was', () => {
  const expectations: Expectation[] = rules.map(({ definition }) => definition)
  const suite = JSON.parse(JSON.stringify(writeSuite('d', expectations)))
  check(suite).toMatchObject({
    name: 'd',
    expectations: [{ severity: 'warning' }, { severity: 'critical' }, {}, {}, {}, {}, {}],
  })
  check(expect.suite(suite).map(({ definition }) => definition)).toEqual(expectations)
})

test('times are dates, and what is said of all is said once', () => {
  const kwargs = { column: 'at', min_value: '2024-01-01T00:00:00.000Z' }
  const one: Expectation = {
    type: 'expect_column_values_to_be_between',
    kwargs,
    severity: 'stop',
    notes: 'learned',
  }
  check(formatExpectations([one, one])).toBe(
    `// learned\n${"expect(c.at).toBeBetween(new Date('2024-01-01T00:00:00.000Z'), null),\n".repeat(2)}`,
  )
})
