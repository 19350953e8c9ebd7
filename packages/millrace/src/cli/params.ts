import type { ColumnType, PipelineDefinition } from '@millrace/protocol'
import { usageError } from './usage-error.ts'

/**
 * Reads `--param name=value` options by the types that the pipeline has.
 * @throws a usage error naming the parameter, the value and what would be accepted.
 */
export function parseParams(
  pipeline: Pick<PipelineDefinition, 'name' | 'params'>,
  pairs: readonly string[],
): Record<string, unknown> {
  const params: Record<string, unknown> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw usageError(`--param takes name=value, got "${pair}"`)
    const [name, text] = [pair.slice(0, at), pair.slice(at + 1)]
    const type = pipeline.params[name]?.type
    if (!type) {
      const known = Object.keys(pipeline.params).join(', ') || 'none'
      throw usageError(`pipeline "${pipeline.name}" has no parameter "${name}"; there are: ${known}`)
    }
    if (name in params) throw usageError(`the parameter "${name}" is given twice`)
    const value = parseValue(type, text)
    if (value === undefined)
      throw usageError(`the parameter "${name}" must be ${expected[type]}, got "${text}"`)
    params[name] = value
  }
  return params
}

const expected: Record<ColumnType, string> = {
  string: 'a text',
  int64: 'a whole number',
  float64: 'a number',
  boolean: 'true or false',
  timestamp: 'a time such as 2001-05-01 or 2001-05-01T12:00:00Z',
}

function parseValue(type: ColumnType, text: string): unknown {
  switch (type) {
    case 'string':
      return text
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'timestamp': {
      const ms = /^-?\d{5,}$/.test(text) ? Number(text) : isCalendarTime(text) ? Date.parse(text) : Number.NaN
      return Math.abs(ms) <= latest ? ms : undefined
    }
    default: {
      const value = text.trim() === '' ? Number.NaN : Number(text)
      const fits = type === 'int64' ? Number.isSafeInteger(value) : Number.isFinite(value)
      return fits ? value : undefined
    }
  }
}

/** Times without a zone would mean another moment on each machine, so they are refused; a date is midnight UTC. */
const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/

/** The latest moment that a `Date` can be. */
const latest = 8.64e15

/** `Date.parse` makes the 2nd of March of a 30th of February; here that is a mistake. */
function isCalendarTime(text: string): boolean {
  if (!isoTime.test(text)) return false
  const day = text.slice(0, 10)
  const at = new Date(day)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
}
