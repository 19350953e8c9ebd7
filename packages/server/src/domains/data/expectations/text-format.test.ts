import { expect, test } from 'vitest'
import { formatOf } from './text-format.ts'

test.each([
  [['AA-999'], false, '^[A-Z]{2}-[0-9]{3}$'],
  [['9999-99-99'], false, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'],
  [['a.a+'], false, '^[a-z]\\.[a-z]\\+$'],
  [['A-9'], true, '^[A-Z]+-[0-9]+$'],
  [['AA', 'AAA'], false, undefined],
  [['a'], true, undefined],
  [[''], false, undefined],
  [['é9'], false, undefined],
  [['a'.repeat(41)], false, undefined],
  [[], false, undefined],
])('%j (repeats: %s) is %s', (shapes, repeats, regex) => {
  expect(formatOf(shapes, { repeats })).toBe(regex)
})
