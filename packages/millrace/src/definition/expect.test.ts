import { expect as check, describe, it } from 'vitest'
import { columnsOf, schemaOf, t } from './column.ts'
import { expect } from './expect.ts'

const c = columnsOf(
  'dataset "d"',
  schemaOf({ at: t.timestamp(), n: t.int64(), x: t.float64(), name: t.string(), other: t.string() }),
)

describe('expect', () => {
  it('writes Great Expectations’ types and kwargs', () => {
    check(expect(c.n).toBeBetween(1, null).definition).toEqual({
      type: 'expect_column_values_to_be_between',
      kwargs: { column: 'n', min_value: 1 },
      severity: 'stop',
    })
    check(expect(c.at).toBeBetween(new Date(5), null).definition.kwargs).toEqual({
      column: 'at',
      min_value: 5,
    })
    check(expect(c.name).toMatchAny([/^a/i, /b/]).mostly(0.9).warn().definition).toEqual({
      type: 'expect_column_values_to_match_regex_list',
      kwargs: { column: 'name', regex_list: ['(?i)^a', 'b'], mostly: 0.9 },
      severity: 'warn',
    })
    check(expect(c.x).mean({ min: 1, max: 2, strictMax: true }).info().because('usual').definition).toEqual({
      type: 'expect_column_mean_to_be_between',
      kwargs: { column: 'x', min_value: 1, max_value: 2, strict_max: true },
      severity: 'info',
      notes: 'usual',
    })
    check(expect(c.at).toBeRecent('2d').definition.kwargs).toEqual({ column: 'at', max_age_ms: 172_800_000 })
    check(expect.columns(c.name, c.other).toBeIn([['a', null]]).definition).toMatchObject({
      type: 'expect_column_pair_values_to_be_in_set',
      kwargs: { column_A: 'name', column_B: 'other', value_pairs_set: [['a', null]] },
    })
    check(
      expect.gx('expect_table_column_count_to_equal', { value: 5 }, { severity: 'warn' }).definition,
    ).toEqual({
      type: 'expect_table_column_count_to_equal',
      kwargs: { value: 5 },
      severity: 'warn',
    })
  })

  it('joins conditions, or takes one in SQL', () => {
    const rule = expect(c.x).notToBeNull()
    const above = { type: 'comparison', column: { name: 'n' }, operator: '>', parameter: 5 }
    check(rule.where(c.n, '>', 5).definition.kwargs).toEqual({ column: 'x', row_condition: above })
    check(rule.where(c.n, '>', 5).where(c.name, 'is not null').definition.kwargs.row_condition).toEqual({
      type: 'and',
      conditions: [above, { type: 'nullity', column: { name: 'name' }, is_null: false }],
    })
    check(rule.where(c.name, '==', c.other).definition.kwargs.row_condition).toMatchObject({
      parameter: { name: 'other' },
    })
    check(rule.where('n > 5').definition.kwargs).toMatchObject({
      row_condition: 'n > 5',
      condition_parser: 'sql',
    })
    check(() => rule.where('n > 5').where(c.n, '>', 5)).toThrow(/one SQL text/)
  })

  it('refuses what cannot be meant', () => {
    check(() => expect(c.n).toBeBetween(2, 1)).toThrow(/minimum 2 is above the maximum 1/)
    check(() => expect(c.n).mean({})).toThrow(/column "n": give a minimum/)
    check(() => expect(c.n).notToBeNull().mostly(0)).toThrow(/above 0 and at most 1, got 0/)
    check(() => expect(c.name).toMatch(/(?=a)/)).toThrow(/look-around/)
    check(() => expect.columns(c.n)).toThrow(/two columns or more/)
    check(() => expect.noRows('SELECT 1')).toThrow(/\{batch\}/)
  })
})

describe('a suite of Great Expectations', () => {
  it('is read with its severities, notes and kwargs', () => {
    const suite = {
      name: 'flights',
      expectations: [
        { type: 'expect_column_values_to_be_unique', kwargs: { column: 'n', batch_id: 'b', mostly: null } },
        {
          type: 'expect_table_row_count_to_equal',
          kwargs: { value: 3 },
          severity: 'warning',
          notes: 'three',
          meta: { owner: 'ops' },
        },
        { expectation_type: 'expect_column_to_exist', kwargs: { column: 'n' }, severity: 'info' },
      ],
    }
    check(expect.suite(suite).map(({ definition }) => definition)).toEqual([
      { type: 'expect_column_values_to_be_unique', kwargs: { column: 'n' }, severity: 'stop' },
      {
        type: 'expect_table_row_count_to_equal',
        kwargs: { value: 3 },
        severity: 'warn',
        notes: 'three',
        meta: { owner: 'ops' },
      },
      { type: 'expect_column_to_exist', kwargs: { column: 'n' }, severity: 'info' },
    ])
  })

  it('is refused with the name of what has no equal', () => {
    const one = (expectation: unknown) => () => expect.suite({ expectations: [expectation] })
    check(one({ type: 'expect_column_values_to_be_dateutil_parseable', kwargs: {} })).toThrow(
      /expectation 1 of the suite, expect_column_values_to_be_dateutil_parseable, cannot be checked: what dateutil/,
    )
    check(one({ type: 'expect_nothing', kwargs: {} })).toThrow(/there is no such type/)
    check(one({ type: 'expect_column_to_exist', kwargs: {}, severity: 'bad' })).toThrow(/severity "bad"/)
    check(
      one({ type: 'expect_column_to_exist', kwargs: { row_condition: 'a > 1', condition_parser: 'pandas' } }),
    ).toThrow(/row_condition for pandas/)
    check(() => expect.suite([])).toThrow(/A suite is/)
  })
})
