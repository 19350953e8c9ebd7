import type { Condition, Filter } from './filter.ts'

/**
 * The filter as it is meant where a text that is missing is empty, as some attributes are in MLflow: what the empty text
 * fits, these attributes fit when they are missing, too.
 */
export function missingIsEmpty(filter: Filter, attributes: readonly string[]): Filter {
  if (filter.kind === 'not') return { kind: 'not', operand: missingIsEmpty(filter.operand, attributes) }
  if (filter.kind === 'and' || filter.kind === 'or') {
    return { ...filter, operands: filter.operands.map((each) => missingIsEmpty(each, attributes)) }
  }
  const { field } = filter
  if (field.kind !== 'attribute' || !attributes.includes(field.key) || !emptyFits(filter)) return filter
  return { kind: 'or', operands: [filter, { kind: 'null', field, negated: false }] }
}

function emptyFits(condition: Condition): boolean {
  if (condition.kind === 'in') return condition.values.includes('') !== condition.negated
  if (condition.kind !== 'comparison') return false
  const { operator, value } = condition
  if (operator === '!=') return value !== ''
  if (operator === '=') return value === ''
  return operator.endsWith('LIKE') && /^%*$/.test(String(value))
}
