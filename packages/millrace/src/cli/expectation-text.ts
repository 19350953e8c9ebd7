import type { Expectation } from '@millrace/protocol'

/**
 * Expectations as the lines of a definition, to be pasted into `expect: (c) => [ … ]` of a dataset. Types without a
 * method of their own are written by their name in Great Expectations.
 */
export function formatExpectations(expectations: readonly Expectation[]): string {
  const [first, ...others] = expectations
  const { notes } = first ?? {}
  // What is said of all of them is said once.
  const isShared =
    typeof notes === 'string' && others.length > 0 && others.every((one) => one.notes === notes)
  const lines = expectations.map((one) => `${textOf(isShared ? { ...one, notes: undefined } : one)},\n`)
  return `${isShared ? `// ${notes.replaceAll('\n', ' ')}\n` : ''}${lines.join('')}`
}

function textOf({ type, kwargs, severity, notes }: Expectation): string {
  const { mostly, ...rest } = kwargs
  const rule = ruleText(type, rest)
  if (rule === undefined) {
    const options = severity === 'stop' ? '' : `, { severity: ${quote(severity)} }`
    return `expect.gx(${quote(type)}, ${literal(kwargs)}${options})${because(notes)}`
  }
  const share = mostly === undefined ? '' : `.mostly(${String(mostly)})`
  return `${rule}${share}${severity === 'stop' ? '' : `.${severity}()`}${because(notes)}`
}

/** The rule by its method, if it has one that says all of the kwargs. */
function ruleText(type: Expectation['type'], kwargs: Record<string, unknown>): string | undefined {
  const { column, ...rest } = kwargs
  const start = typeof column === 'string' ? `expect(c.${column})` : undefined
  const has = (...names: string[]) => Object.keys(rest).every((name) => names.includes(name))
  switch (type) {
    case 'expect_column_values_to_not_be_null':
      return start && has() ? `${start}.notToBeNull()` : undefined
    case 'expect_column_values_to_be_between': {
      const ends = [rest.min_value, rest.max_value].map(endText)
      if (!start || !has('min_value', 'max_value') || ends.includes(undefined)) return undefined
      return `${start}.toBeBetween(${ends.join(', ')})`
    }
    case 'expect_column_values_to_be_unique':
      return start && has() ? `${start}.toBeUnique()` : undefined
    case 'expect_column_values_to_be_in_set':
      return start && has('value_set') ? `${start}.toBeIn(${literal(rest.value_set)})` : undefined
    case 'expect_column_values_to_match_regex':
      return start && has('regex') ? `${start}.toMatch(/${slashes(String(rest.regex))}/)` : undefined
    case 'expect_column_value_lengths_to_be_between':
      return start && has('min_value', 'max_value') ? `${start}.length(${limitsText(rest)})` : undefined
    case 'expect_table_row_count_to_be_between':
      return has('min_value', 'max_value') ? `expect.rowCount(${limitsText(rest)})` : undefined
    default:
      return undefined
  }
}

/** A number, a time, or null for an open end; undefined for another value. */
function endText(end: unknown): string | undefined {
  if (end === undefined || end === null) return 'null'
  if (typeof end === 'number') return String(end)
  const isTime = typeof end === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(end)
  return isTime ? `new Date(${quote(end)})` : undefined
}

function limitsText({ min_value: min, max_value: max }: Record<string, unknown>): string {
  const parts = [
    ...(min === undefined ? [] : [`min: ${literal(min)}`]),
    ...(max === undefined ? [] : [`max: ${literal(max)}`]),
  ]
  return `{ ${parts.join(', ')} }`
}

function because(notes: Expectation['notes']): string {
  return notes === undefined ? '' : `.because(${quote(Array.isArray(notes) ? notes.join(' ') : notes)})`
}

function literal(value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${name}: ${literal(one)}`)
    .join(', ')} }`
}

function quote(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

/** A pattern between slashes; what is escaped already stays as it is. */
function slashes(pattern: string): string {
  return pattern.replace(/\\.|\//g, (found) => (found === '/' ? '\\/' : found))
}
