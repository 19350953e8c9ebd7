import { fail, type PipelineDefinition } from '@millrace/protocol'
import type { StepValueType } from './step.ts'

/** True if a value of type `from` may be bound where `to` is expected. `json` says nothing, so it fits anywhere. */
export function isAssignable(from: StepValueType, to: StepValueType): boolean {
  return from === to || from === 'json' || to === 'json' || (from === 'int64' && to === 'float64')
}

/**
 * The value in the form in which steps get it (timestamps as milliseconds), or the reason why it is not of the
 * type. References to stored things (datasets, models, …) are JSON objects.
 */
export function readValue(type: StepValueType, value: unknown): { value: unknown } | { reason: string } {
  const wrong = (expected: string) => ({ reason: `expected ${expected}, got ${show(value)}` })
  switch (type) {
    case 'json':
      return value === undefined ? wrong('a JSON value') : { value }
    case 'string':
      return typeof value === 'string' ? { value } : wrong('a string')
    case 'boolean':
      return typeof value === 'boolean' ? { value } : wrong('true or false')
    case 'float64':
      return typeof value === 'number' && Number.isFinite(value) ? { value } : wrong('a number')
    case 'int64':
      return Number.isSafeInteger(value) ? { value } : wrong('a whole number')
    case 'timestamp': {
      const at = typeof value === 'string' && isoTime.test(value) ? Date.parse(value) : value
      return typeof at === 'number' && Number.isInteger(at) && Math.abs(at) <= maxTime
        ? { value: at }
        : wrong('a time (ISO 8601 text or milliseconds since the epoch)')
    }
    default:
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? { value }
        : wrong(`a reference to a ${type} (an object)`)
  }
}

/**
 * Completes and checks the parameters of a run; timestamps become milliseconds.
 * @throws `pipeline.params_invalid` naming the parameter, its value and what would be accepted.
 */
export function readParams(
  pipeline: PipelineDefinition,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const refuse = (reason: string) => fail('pipeline.params_invalid', { pipeline: pipeline.name, reason })
  const known = Object.keys(pipeline.params)
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) {
      throw refuse(`"${name}" is not known; there ${known.length ? `are: ${known.join(', ')}` : 'are none'}`)
    }
  }
  const params: Record<string, unknown> = {}
  for (const [name, { type, default: otherwise }] of Object.entries(pipeline.params)) {
    const value = Object.hasOwn(given, name) ? given[name] : otherwise
    if (value === undefined) throw refuse(`"${name}" (${type}) is missing`)
    const read = readValue(type, value)
    if ('reason' in read) throw refuse(`"${name}": ${read.reason}`)
    params[name] = read.value
  }
  return params
}

const isoTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/
const maxTime = 8.64e15

function show(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value)).slice(0, 100)
}
