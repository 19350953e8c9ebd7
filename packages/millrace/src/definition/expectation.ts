import type { ColumnType, Expectation as ExpectationDefinition, ValueOf } from '@millrace/protocol'
import type { Column } from './column.ts'

/** A rule about a dataset. By default every row must pass, and a failure refuses the version. */
export interface Expectation {
  readonly definition: ExpectationDefinition
  /** Share of the non-null rows that must pass, 0–1. */
  mostly(share: number): Expectation
  /** A failure is recorded, but the version can be used. */
  warn(): Expectation
}

interface AnyColumnRules<T extends ColumnType> {
  notToBeNull(): Expectation
  toBeUnique(): Expectation
  toBeIn(values: readonly ValueOf<T>[]): Expectation
}
interface OrderedRules<T extends ColumnType> {
  /** Both ends are included; null leaves an end open. */
  toBeBetween(min: ValueOf<T> | null, max: ValueOf<T> | null): Expectation
}
interface TextRules {
  /** RE2 syntax: no look-around, no back-references. Flags i, m, s are kept. */
  toMatch(pattern: RegExp): Expectation
}

/** The rules that make sense for a column of the type. */
export type ColumnRules<T extends ColumnType> = AnyColumnRules<T> &
  (T extends 'int64' | 'float64' | 'timestamp' ? OrderedRules<T> : unknown) &
  (T extends 'string' ? TextRules : unknown)

/**
 * Begins a rule: `expect(c.delay).toBeBetween(-120, 2000).mostly(0.999)`, or `expect.rowCount({ min: 1000 })`.
 * Nulls pass every rule but `notToBeNull`.
 */
export function expect<T extends ColumnType>(column: Column<T>): ColumnRules<T> {
  const rule = (type: ExpectationDefinition['type'], kwargs: Record<string, unknown> = {}) =>
    createExpectation({ type, column: column.name, kwargs, severity: 'stop' })
  const rules: AnyColumnRules<T> & OrderedRules<T> & TextRules = {
    notToBeNull: () => rule('expect_column_values_to_not_be_null'),
    toBeUnique: () => rule('expect_column_values_to_be_unique'),
    toBeIn: (values) => rule('expect_column_values_to_be_in_set', { value_set: values.map(toWire) }),
    toBeBetween(min, max) {
      return rule('expect_column_values_to_be_between', range(`column "${column.name}"`, min, max))
    },
    toMatch: (pattern) => rule('expect_column_values_to_match_regex', { regex: toRe2(column.name, pattern) }),
  }
  return rules as unknown as ColumnRules<T>
}

/** The number of rows, both ends included. */
expect.rowCount = ({ min, max }: { min?: number; max?: number }): Expectation =>
  createExpectation({
    type: 'expect_table_row_count_to_be_between',
    kwargs: range('row count', min ?? null, max ?? null),
    severity: 'stop',
  })

function createExpectation(definition: ExpectationDefinition): Expectation {
  return {
    definition,
    mostly(share) {
      if (!(share > 0 && share <= 1))
        throw new TypeError(`mostly must be above 0 and at most 1, got ${share}`)
      return createExpectation({ ...definition, mostly: share })
    },
    warn: () => createExpectation({ ...definition, severity: 'warn' }),
  }
}

function range(what: string, min: unknown, max: unknown): Record<string, unknown> {
  const [low, high] = [toWire(min), toWire(max)]
  if (low === null && high === null) throw new TypeError(`${what}: give a minimum, a maximum or both`)
  if (low !== null && high !== null && (low as number) > (high as number))
    throw new TypeError(`${what}: the minimum ${String(low)} is above the maximum ${String(high)}`)
  return { ...(low === null ? {} : { min_value: low }), ...(high === null ? {} : { max_value: high }) }
}

/** Times travel as milliseconds. */
function toWire(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value
}

function toRe2(column: string, pattern: RegExp): string {
  const flags = pattern.flags.replace(/[gyuvd]/g, '')
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern.source)) {
    throw new TypeError(
      `column "${column}": ${String(pattern)} uses look-around or a back-reference, which cannot be checked`,
    )
  }
  return flags ? `(?${flags})${pattern.source}` : pattern.source
}
