import type { Condition, Field, Filter, OrderTerm, Value } from './filter.ts'

const prefixes = { metric: 'metrics', parameter: 'params', tag: 'tags', dataset: 'dataset' } as const

/**
 * The filter as a text that parses to an equal tree. In the mlflow dialect only if it holds nothing but comparisons
 * joined by AND, and no value has both kinds of quotes.
 */
export function printFilter(filter: Filter): string {
  if (filter.kind === 'not') return `NOT ${printOperand(filter.operand)}`
  if (filter.kind === 'and' || filter.kind === 'or') {
    return filter.operands.map(printOperand).join(` ${filter.kind.toUpperCase()} `)
  }
  return printCondition(filter)
}

export function printOrder({ field, descending }: OrderTerm): string {
  return `${printField(field)} ${descending ? 'DESC' : 'ASC'}`
}

function printOperand(filter: Filter): string {
  return filter.kind === 'and' || filter.kind === 'or' ? `(${printFilter(filter)})` : printFilter(filter)
}

function printCondition(condition: Condition): string {
  const name = printField(condition.field)
  switch (condition.kind) {
    case 'comparison':
      return `${name} ${condition.operator} ${printValue(condition.value)}`
    case 'in':
      return `${name} ${condition.negated ? 'NOT IN' : 'IN'} (${condition.values.map(printValue).join(', ')})`
    case 'null':
      return `${name} IS ${condition.negated ? 'NOT NULL' : 'NULL'}`
    case 'between':
      return `${name} BETWEEN ${printValue(condition.low)} AND ${printValue(condition.high)}`
  }
}

function printField({ kind, key }: Field): string {
  const plain = /^[\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*$/u.test(key)
  if (kind === 'attribute') return plain ? key : `\`${key}\``
  return `${prefixes[kind]}.${plain ? key : key.includes('`') ? `"${key}"` : `\`${key}\``}`
}

function printValue(value: Value): string {
  if (typeof value === 'number') {
    // No literal means infinity, but a number beyond the range of doubles does.
    return Number.isFinite(value) ? String(value) : value > 0 ? '1e999' : '-1e999'
  }
  if (!value.includes("'")) return `'${value}'`
  return value.includes('"') ? `'${value.replaceAll("'", "''")}'` : `"${value}"`
}
