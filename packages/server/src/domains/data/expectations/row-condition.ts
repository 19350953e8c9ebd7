import type { ColumnType, Expectation, RowCondition } from '@millrace/protocol'
import { findLiteral } from '../column-types.ts'
import type { Kwargs } from './kwargs.ts'
import { columnUse } from './scan.ts'

const maxConditions = 100
const operators: Record<string, string> = {
  '==': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
}

/**
 * The row condition of an expectation as SQL, or undefined. An SQL expression of the user's own is taken as it is:
 * {@link sqlConditionOf} finds it for the check that it is one.
 * @throws `definition.invalid`
 */
export function readRowCondition(kwargs: Kwargs): string | undefined {
  const condition = kwargs.given('row_condition')
  const parser = kwargs.given('condition_parser') ?? 'great_expectations'
  if (condition === undefined) return undefined
  if (typeof condition === 'string') {
    if (parser === 'sql') return `${condition}\n`
    if (parser !== 'great_expectations' && parser !== 'great_expectations__experimental__')
      throw kwargs.refuse(
        `has the condition_parser ${JSON.stringify(parser)}; great_expectations and sql are known`,
      )
    return toSql(kwargs, parseText(kwargs, condition))
  }
  if (countConditions(condition) > maxConditions)
    throw kwargs.refuse(`has a row_condition of more than ${maxConditions} conditions`)
  return toSql(kwargs, condition as RowCondition)
}

/** The text of a condition that the user wrote in SQL. */
export function sqlConditionOf({ kwargs }: Expectation): string | undefined {
  const { row_condition: condition, condition_parser: parser } = kwargs
  return parser === 'sql' && typeof condition === 'string' ? condition : undefined
}

function countConditions(condition: unknown): number {
  const inner = (condition as { conditions?: unknown } | null)?.conditions
  return Array.isArray(inner) ? inner.reduce<number>((sum, one) => sum + countConditions(one), 1) : 1
}

function toSql(kwargs: Kwargs, condition: RowCondition): string {
  switch (condition?.type) {
    case 'and':
    case 'or': {
      if (!Array.isArray(condition.conditions) || condition.conditions.length === 0)
        throw kwargs.refuse(`has a row_condition "${condition.type}" of no conditions`)
      const word = condition.type === 'and' ? ' AND ' : ' OR '
      return condition.conditions.map((one) => `(${toSql(kwargs, one)})`).join(word)
    }
    case 'nullity':
      return `${columnIn(kwargs, condition.column).sql} IS ${condition.is_null ? 'NULL' : 'NOT NULL'}`
    case 'comparison': {
      const column = columnIn(kwargs, condition.column)
      const { operator, parameter } = condition
      if (operator === 'IN' || operator === 'NOT_IN') {
        const values = Array.isArray(parameter) ? parameter : []
        if (values.length === 0) throw kwargs.refuse(`has a row_condition with an empty list for ${operator}`)
        const list = values.map((value) => literalOf(kwargs, value, column.type)).join(', ')
        return `${column.sql} ${operator === 'IN' ? 'IN' : 'NOT IN'} (${list})`
      }
      if (!Object.hasOwn(operators, operator))
        throw kwargs.refuse(`has a row_condition with the operator ${JSON.stringify(operator)}`)
      const isColumn = typeof parameter === 'object' && parameter !== null && 'name' in parameter
      const other = isColumn ? columnIn(kwargs, parameter).sql : literalOf(kwargs, parameter, column.type)
      return `${column.sql} ${operators[operator]} ${other}`
    }
    default:
      throw kwargs.refuse(
        `has a row_condition that cannot be read: ${JSON.stringify(condition).slice(0, 100)}`,
      )
  }
}

function columnIn(kwargs: Kwargs, column: unknown) {
  const name = (column as { name?: unknown } | undefined)?.name
  if (typeof name !== 'string' || !Object.hasOwn(kwargs.columns, name))
    throw kwargs.refuse(
      `has a row_condition on "${String(name)}", which is no column; it has ${Object.keys(kwargs.columns).join(', ')}`,
    )
  return columnUse(name, kwargs.columns[name])
}

function literalOf(kwargs: Kwargs, value: unknown, type: ColumnType): string {
  const literal = findLiteral(value, type)
  if (literal === undefined)
    throw kwargs.refuse(`has a row_condition that compares a ${type} column with ${JSON.stringify(value)}`)
  return literal
}

/** One clause of Great Expectations' language: `col("a") > 5`, `col("a") == "x"`, `col("a") < date("…")`. */
function parseText(kwargs: Kwargs, text: string): RowCondition {
  const found =
    /^\s*col\("([^"]+)"\)\s*(?:(\.notnull\(\))|(==|!=|<=|>=|<|>)\s*(?:date\()?(?:"([^"']*)"|'([^"']*)'|([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?))\)?)\s*$/i.exec(
      text,
    )
  if (!found) throw kwargs.refuse(`has a row_condition that cannot be read: ${text.slice(0, 100)}`)
  const [, name, notNull, operator, double, single, number] = found
  const column = { name }
  if (notNull) return { type: 'nullity', column, is_null: false }
  return {
    type: 'comparison',
    column,
    operator: operator as '==',
    parameter: number === undefined ? (double ?? single) : Number(number),
  }
}
