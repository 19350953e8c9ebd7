import { requireSameLength, sumCounts } from './checks.ts'
import {
  type CategoricalProfile,
  type ColumnProfile,
  type NumericProfile,
  requireDistinct,
  requireEdges,
} from './profile.ts'

/**
 * Reads a profile back from parsed JSON and checks that it is whole: right lengths, counts that are integers >= 0
 * and add up, moments present exactly if there are values. Unknown fields are dropped.
 * Throws TypeError or RangeError naming the field.
 */
export function parseProfile(json: unknown): ColumnProfile {
  const fields = requireObject(json)
  if (fields.kind === 'numeric') return parseNumeric(fields)
  if (fields.kind === 'categorical') return parseCategorical(fields)
  throw new TypeError(`kind is ${JSON.stringify(fields.kind)}, expected "numeric" or "categorical"`)
}

function parseNumeric(fields: Record<string, unknown>): NumericProfile {
  const edges = readList(fields, 'edges', isNumber)
  requireEdges(edges)
  const counts = readList(fields, 'counts', isCount)
  requireSameLength('counts', counts.length, edges.length + 1)
  const count = readCount(fields, 'count')
  requireSum(count, sumCounts('counts', counts))
  const moment = (name: string): number | null => readMoment(fields, name, count)
  return {
    kind: 'numeric',
    edges,
    counts,
    count,
    missing: readCount(fields, 'missing'),
    mean: moment('mean'),
    variance: moment('variance'),
    min: moment('min'),
    max: moment('max'),
  }
}

function parseCategorical(fields: Record<string, unknown>): CategoricalProfile {
  const categories = readList(fields, 'categories', isString)
  requireDistinct(categories)
  const counts = readList(fields, 'counts', isCount)
  requireSameLength('counts', counts.length, categories.length)
  const other = readCount(fields, 'other')
  const count = readCount(fields, 'count')
  requireSum(count, sumCounts('counts', counts) + other)
  return { kind: 'categorical', categories, counts, other, missing: readCount(fields, 'missing'), count }
}

function requireObject(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new TypeError('a profile must be a JSON object')
  }
  return json as Record<string, unknown>
}

function readList<T>(fields: Record<string, unknown>, name: string, is: (value: unknown) => value is T): T[] {
  const list = fields[name]
  if (!Array.isArray(list)) throw new TypeError(`${name} must be a list`)
  const wrong = list.findIndex((entry) => !is(entry))
  if (wrong >= 0) throw new TypeError(`${name}[${wrong}] is ${JSON.stringify(list[wrong])}`)
  return list
}

function readCount(fields: Record<string, unknown>, name: string): number {
  const value = fields[name]
  if (!isCount(value)) throw new TypeError(`${name} is ${JSON.stringify(value)}, expected an integer >= 0`)
  return value
}

function readMoment(fields: Record<string, unknown>, name: string, count: number): number | null {
  const value = fields[name]
  if (count === 0 && value === null) return null
  if (count > 0 && isNumber(value)) return value
  throw new TypeError(
    `${name} is ${JSON.stringify(value)}, expected ${count === 0 ? 'null' : 'a finite number'}`,
  )
}

function requireSum(count: number, sum: number): void {
  if (count !== sum) throw new RangeError(`count is ${count}, but the cells add up to ${sum}`)
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}
