import { describe, expect, it } from 'vitest'
import type { Condition } from './filter.ts'
import { missingIsEmpty } from './missing-text.ts'

const field = { kind: 'attribute', key: 'run_id' } as const
const comparison = (operator: '=' | '!=' | 'LIKE', value: string): Condition => ({
  kind: 'comparison',
  field,
  operator,
  value,
})
const list = (negated: boolean, ...values: string[]): Condition => ({ kind: 'in', field, negated, values })

describe('missingIsEmpty', () => {
  it.each([
    [comparison('!=', 'a'), true],
    [comparison('!=', ''), false],
    [comparison('=', ''), true],
    [comparison('=', 'a'), false],
    [comparison('LIKE', '%'), true],
    [comparison('LIKE', 'a%'), false],
    [list(true, 'a', 'b'), true],
    [list(false, 'a', ''), true],
    [list(false, 'a'), false],
    [list(true, 'a', ''), false],
  ])('%j fits what is missing: %s', (condition, fits) => {
    const missing = { kind: 'null', field, negated: false }
    const expected = fits ? { kind: 'or', operands: [condition, missing] } : condition
    expect(missingIsEmpty(condition, ['run_id'])).toEqual(expected)
    const inside = missingIsEmpty({ kind: 'not', operand: { kind: 'and', operands: [condition] } }, [
      'run_id',
    ])
    expect(inside).toEqual({ kind: 'not', operand: { kind: 'and', operands: [expected] } })
  })

  it('leaves other attributes and tags as they are', () => {
    const other = comparison('!=', 'a')
    expect(missingIsEmpty(other, ['name'])).toBe(other)
    const tag: Condition = {
      kind: 'comparison',
      field: { kind: 'tag', key: 'run_id' },
      operator: '!=',
      value: 'a',
    }
    expect(missingIsEmpty(tag, ['run_id'])).toBe(tag)
  })
})
