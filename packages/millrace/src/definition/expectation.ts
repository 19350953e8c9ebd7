import type {
  ColumnType,
  Expectation as ExpectationDefinition,
  ExpectationKwargs,
  ExpectationType,
  RowCondition,
  Severity,
  ValueOf,
} from '@millrace/protocol'
import type { Column } from './column.ts'

/** A rule about a dataset. By default every row must pass, and a failure refuses the version. */
export interface Expectation {
  readonly definition: ExpectationDefinition
  /** Share of the judged rows (those that are not null) that must pass, 0–1. For rules about rows. */
  mostly(share: number): Expectation
  /** Only rows that meet the condition are looked at; several conditions must all be met. */
  where<T extends ColumnType>(
    column: Column<T>,
    operator: '==' | '!=' | '<' | '<=' | '>' | '>=',
    value: ValueOf<T> | Column<T>,
  ): Expectation
  where<T extends ColumnType>(
    column: Column<T>,
    operator: 'in' | 'not in',
    values: readonly ValueOf<T>[],
  ): Expectation
  where(column: Column, operator: 'is null' | 'is not null'): Expectation
  /** Only rows for which the SQL expression is true are looked at. */
  where(sql: string): Expectation
  /** A failure is recorded, but the version can be used. */
  warn(): Expectation
  /** A failure is in the report and nowhere else. */
  info(): Expectation
  /** Why there is this rule, for those who read a report. */
  because(notes: string): Expectation
}

/** Makes a rule of a type with its kwargs. */
export function createRule<Type extends ExpectationType>(
  type: Type,
  kwargs: ExpectationKwargs[Type],
  severity: Severity = 'stop',
): Expectation {
  return createExpectation({ type, kwargs: present(kwargs), severity })
}

export function createExpectation(definition: ExpectationDefinition): Expectation {
  const { kwargs, type } = definition
  const change = (part: Partial<ExpectationDefinition>) => createExpectation({ ...definition, ...part })
  return {
    definition,
    mostly(share) {
      if (!(share > 0 && share <= 1))
        throw new TypeError(`${type}: mostly must be above 0 and at most 1, got ${share}`)
      return change({ kwargs: { ...kwargs, mostly: share } })
    },
    where(first: string | Column, operator?: string, value?: unknown) {
      const known = kwargs.row_condition as string | RowCondition | undefined
      if (typeof first === 'string') {
        if (known !== undefined) throw new TypeError(`${type}: write all conditions in one SQL text`)
        return change({ kwargs: { ...kwargs, row_condition: first, condition_parser: 'sql' } })
      }
      if (typeof known === 'string') throw new TypeError(`${type}: write all conditions in one SQL text`)
      const added = conditionOf(first.name, operator ?? '', value)
      const row_condition: RowCondition =
        known === undefined
          ? added
          : { type: 'and', conditions: [...(known.type === 'and' ? known.conditions : [known]), added] }
      return change({ kwargs: { ...kwargs, row_condition } })
    },
    warn: () => change({ severity: 'warn' }),
    info: () => change({ severity: 'info' }),
    because: (notes) => change({ notes }),
  }
}

function conditionOf(name: string, operator: string, value: unknown): RowCondition {
  const column = { name }
  if (operator === 'is null' || operator === 'is not null')
    return { type: 'nullity', column, is_null: operator === 'is null' }
  if (operator === 'in' || operator === 'not in') {
    const parameter = (value as readonly unknown[]).map(toWire) as string[]
    return { type: 'comparison', column, operator: operator === 'in' ? 'IN' : 'NOT_IN', parameter }
  }
  const isColumn = typeof value === 'object' && value !== null && 'name' in value
  return {
    type: 'comparison',
    column,
    operator: operator as '==',
    parameter: isColumn ? { name: (value as Column).name } : (toWire(value) as string),
  }
}

/** Times travel as milliseconds. */
export function toWire(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value
}

/** What was given, in the form in which it travels. */
function present(kwargs: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(kwargs).flatMap(([name, value]) => {
      if (value === undefined || value === null) return []
      return [[name, Array.isArray(value) ? value.map(toWire) : toWire(value)]]
    }),
  )
}
