import { type ColumnType, fail, type PlatformError, type Schema } from '@millrace/protocol'

/** A checked request: inputs in the order of the schema, times in milliseconds. */
export interface PredictRequest {
  id: string
  inputs: Record<string, InputValue>
  /** Milliseconds, from the service's timestamp column. */
  eventTime: number
}

export type InputValue = string | number | boolean | null

const maxIdLength = 128
const maxTextLength = 10_000
/** The years 1 to 9999, what every part of the platform can hold. */
const timeRange = [-62_135_596_800_000, 253_402_300_799_999] as const
const isoTime = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/

const expected: Record<ColumnType, string> = {
  string: `a text of at most ${maxTextLength} characters`,
  int64: 'a whole number between -(2^53 - 1) and 2^53 - 1',
  float64: 'a finite number',
  boolean: 'true or false',
  timestamp: 'a time as ISO 8601 text (UTC unless it says otherwise) or as whole milliseconds',
}

/**
 * Compiles the check of one prediction request. Every column must be there; null means missing and is accepted for
 * request features alone (`nullable`).
 *
 * The parser throws `request.invalid` naming the field, the value and what would be accepted.
 */
export function createRequestParser(input: {
  schema: Schema
  timestamp: string
  nullable: ReadonlySet<string>
  newId(): string
}): (body: unknown) => PredictRequest {
  const columns = Object.entries(input.schema)
  const known = new Set(Object.keys(input.schema))
  return (body) => {
    if (!isObject(body)) throw refuse('the request', body, 'an object { id?, inputs }')
    for (const key in body) {
      if (key !== 'id' && key !== 'inputs') throw unknownField(key, body[key], 'id, inputs')
    }
    const id = body.id === undefined ? input.newId() : body.id
    if (typeof id !== 'string' || id.length === 0 || id.length > maxIdLength) {
      throw refuse('id', id, `a text of 1 to ${maxIdLength} characters`)
    }
    const given = body.inputs
    if (!isObject(given)) throw refuse('inputs', given, 'an object with one value per column')
    const inputs: Record<string, InputValue> = {}
    for (const [name, type] of columns) {
      const value = given[name]
      const parsed = value === null && input.nullable.has(name) ? null : parseValue(value, type)
      if (parsed === undefined) throw refuse(`inputs.${name}`, value, expected[type])
      inputs[name] = parsed
    }
    // Every column is there: only with more fields than columns can one of them be unknown.
    if (Object.keys(given).length > columns.length) {
      for (const name in given) {
        if (!known.has(name)) throw unknownField(`inputs.${name}`, given[name], [...known].join(', '))
      }
    }
    return { id, inputs, eventTime: inputs[input.timestamp] as number }
  }
}

/** Undefined if the value is not of the type. */
function parseValue(value: unknown, type: ColumnType): InputValue | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' && value.length <= maxTextLength ? value : undefined
    case 'int64':
      return Number.isSafeInteger(value) ? (value as number) : undefined
    case 'float64':
      return Number.isFinite(value) ? (value as number) : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'timestamp':
      return parseTime(value)
  }
}

function parseTime(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? parseIso(value) : value
  if (!Number.isSafeInteger(ms)) return undefined
  return (ms as number) >= timeRange[0] && (ms as number) <= timeRange[1] ? (ms as number) : undefined
}

/** A time without zone is UTC, as everywhere in the platform; JavaScript alone would take local time. */
function parseIso(text: string): number {
  const match = isoTime.exec(text)
  if (!match) return Number.NaN
  const utc = match[1] !== undefined && match[4] === undefined ? `${text}Z` : text
  return Math.floor(Date.parse(utc.replace(' ', 'T')))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refuse(field: string, value: unknown, accepted: string): PlatformError {
  if (value === undefined) {
    return fail('request.invalid', {
      reason: `${field} is required: ${accepted}`,
      field,
      expected: accepted,
    })
  }
  // Infinity comes from JSON such as 1e999 and would be shown as null.
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value).slice(0, 100)
  return fail('request.invalid', {
    reason: `${field} must be ${accepted}, got ${shown}`,
    field,
    expected: accepted,
    value: shown,
  })
}

function unknownField(field: string, value: unknown, known: string): PlatformError {
  const shown = (JSON.stringify(value) ?? String(value)).slice(0, 100)
  return fail('request.invalid', {
    reason: `${field} is not known, got ${shown}; there are ${known}`,
    field,
    expected: `one of ${known}`,
    value: shown,
  })
}
