import fc from 'fast-check'
import type { Condition, Field, Filter, Value } from '../filter.ts'

export interface FilterShape {
  fields: fc.Arbitrary<{ field: Field; values: fc.Arbitrary<Value> }>
  /** Texts for LIKE and ILIKE. */
  patterns: fc.Arbitrary<string>
}

/** Any condition of the native dialect on these fields. */
function arbitraryCondition({ fields, patterns }: FilterShape): fc.Arbitrary<Condition> {
  return fields.chain(({ field, values }): fc.Arbitrary<Condition> => {
    const isNumber =
      field.kind === 'metric' || field.key.endsWith('_time') || field.key.endsWith('_id_number')
    const comparison = fc.record({
      kind: fc.constant('comparison' as const),
      field: fc.constant(field),
      operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>=' as const) as fc.Arbitrary<'='>,
      value: values,
    })
    const like = fc.record({
      kind: fc.constant('comparison' as const),
      field: fc.constant(field),
      operator: fc.constantFrom('LIKE', 'ILIKE') as fc.Arbitrary<'LIKE'>,
      value: patterns,
    })
    const negated = fc.boolean()
    const list = fc.record({
      kind: fc.constant('in' as const),
      field: fc.constant(field),
      negated,
      values: fc.array(values, { minLength: 1, maxLength: 3 }),
    })
    const missing = fc.record({ kind: fc.constant('null' as const), field: fc.constant(field), negated })
    const range = fc.record({
      kind: fc.constant('between' as const),
      field: fc.constant(field),
      low: values,
      high: values,
    })
    return fc.oneof(comparison, list, missing, range, ...(isNumber ? [] : [like]))
  })
}

/** Any filter of the native dialect on these fields. */
export function arbitraryFilter(shape: FilterShape): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      { weight: 4, arbitrary: arbitraryCondition(shape) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('and' as const, 'or' as const),
          operands: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('not' as const), operand: tie('filter') }) },
    ),
  })).filter
}
