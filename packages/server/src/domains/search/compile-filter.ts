import { type RawBuilder, sql } from 'kysely'
import type { Condition, Filter, Value } from './filter.ts'
import type { EntrySource, SearchTarget, Sql } from './target.ts'
import { ilike, like } from './text-match.ts'

type Bool = RawBuilder<boolean>

const always: Bool = sql`1 = 1`
const never: Bool = sql`1 = 0`

/** The filter as a condition of SQL that is never NULL, on a row of the target. */
export function compileFilter(filter: Filter, target: SearchTarget): Bool {
  switch (filter.kind) {
    case 'not':
      return sql`not (${compileFilter(filter.operand, target)})`
    case 'and':
    case 'or': {
      const joined = filter.operands.map((operand) => compileFilter(operand, target))
      return sql`(${sql.join(joined, filter.kind === 'and' ? sql` and ` : sql` or `)})`
    }
    default:
      return compileCondition(filter, target)
  }
}

function compileCondition(condition: Condition, target: SearchTarget): Bool {
  const { field } = condition
  if (field.kind === 'attribute') {
    const { column, nullable } = target.attributes[field.key] ?? unknown(field.key)
    if (condition.kind === 'null') {
      if (!nullable) return condition.negated ? always : never
      return condition.negated ? sql`${column} is not null` : sql`${column} is null`
    }
    const test = testOf(condition, { rows: sql``, value: column }, target)
    return nullable ? sql`(${column} is not null and ${test})` : test
  }
  const source = target.entries(field)
  if (condition.kind === 'null') {
    const exists = existing(source, target)
    return condition.negated ? exists : sql`not ${exists}`
  }
  return existing(source, target, testOf(condition, source, target))
}

function unknown(key: string): never {
  throw new TypeError(`The attribute ${key} has no column`)
}

/**
 * SQLite would turn an EXISTS into a join, which loses the order in which it walks an index and reads everything
 * before the first row; `is true` keeps it a condition.
 */
function existing(source: EntrySource, { dialect }: Pick<SearchTarget, 'dialect'>, test?: Bool): Bool {
  const exists: Bool = test
    ? sql`exists (select 1 ${source.rows} and ${test})`
    : sql`exists (select 1 ${source.rows})`
  return dialect === 'sqlite' ? sql`(${exists} is true)` : exists
}

type Comparing = Exclude<Condition, { kind: 'null' }>

/** The condition on a value that is there. */
export function testOf(
  condition: Comparing,
  source: EntrySource,
  target: Pick<SearchTarget, 'dialect'>,
): Bool {
  const { value, special } = source
  if (special) return specialTest(condition, value, special, target)
  return plainTest(condition, value, target)
}

function plainTest(condition: Comparing, column: Sql, { dialect }: Pick<SearchTarget, 'dialect'>): Bool {
  if (condition.kind === 'in') {
    const values = sql.join(condition.values.map(parameter))
    return condition.negated ? sql`${column} not in (${values})` : sql`${column} in (${values})`
  }
  if (condition.kind === 'between') {
    return sql`(${column} >= ${parameter(condition.low)} and ${column} <= ${parameter(condition.high)})`
  }
  const { operator, value } = condition
  if (operator === 'LIKE') return like(column, String(value), dialect)
  if (operator === 'ILIKE') return ilike(column, String(value), dialect)
  return sql`${column} ${sql.raw(operator)} ${parameter(value)}`
}

/** PostgreSQL takes the type of a parameter from what it is compared with, and a fraction does not fit an integer. */
export function parameter(value: Value): Sql {
  const isPlain = typeof value === 'string' || Number.isSafeInteger(value)
  return isPlain ? sql`${value}` : sql`cast(${value} as double precision)`
}

const specials = ['Infinity', '-Infinity', 'NaN']

/** NaN and the infinities are not in the column of values; whether they fit is decided here, as IEEE 754 says. */
function specialTest(
  condition: Comparing,
  value: Sql,
  special: Sql,
  target: Pick<SearchTarget, 'dialect'>,
): Bool {
  const fitting = specials.filter((name) => fits(Number(name), condition))
  const finite = finiteTest(condition, value, target)
  const ordinary = sql<boolean>`(${special} = '' and ${finite})`
  if (fitting.length === 0) return ordinary
  return sql`(${ordinary} or ${special} in (${sql.join(fitting.map((name) => sql.lit(name)))}))`
}

function finiteTest(condition: Comparing, value: Sql, target: Pick<SearchTarget, 'dialect'>): Bool {
  if (condition.kind === 'in') {
    const values = condition.values.filter((each) => Number.isFinite(each))
    return values.length === 0
      ? constant(condition.negated)
      : plainTest({ ...condition, values }, value, target)
  }
  const operands = condition.kind === 'between' ? [condition.low, condition.high] : [condition.value]
  // Compared with an infinity all finite numbers are alike.
  if (operands.every((each) => !Number.isFinite(each))) return constant(fits(0, condition))
  return plainTest(condition, value, target)
}

const constant = (value: boolean): Bool => (value ? always : never)

/** Whether a number fits, as IEEE 754 compares. */
export function fits(value: number, condition: Comparing): boolean {
  if (condition.kind === 'in') return condition.values.includes(value) !== condition.negated
  if (condition.kind === 'between') return value >= Number(condition.low) && value <= Number(condition.high)
  const other = Number(condition.value)
  switch (condition.operator) {
    case '=':
      return value === other
    case '!=':
      return value !== other
    case '<':
      return value < other
    case '<=':
      return value <= other
    case '>':
      return value > other
    case '>=':
      return value >= other
    default:
      return false
  }
}
