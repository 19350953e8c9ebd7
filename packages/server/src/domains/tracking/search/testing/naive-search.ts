import { fits } from '../../../search/compile-filter.ts'
import type { Condition, Field, Filter, OrderTerm } from '../../../search/index.ts'

/** A thing that is searched, as plain values; metrics are numbers, everything else text unless the attribute is one. */
export interface Thing {
  attributes: Record<string, string | number | null>
  parameter?: Record<string, string>
  tag: Record<string, string>
  metric?: Record<string, number>
  /** All values of a dataset's field. */
  dataset?: Record<string, string[]>
}

/** Decides a filter the slow way, from its definition. */
export function naiveFits(filter: Filter, thing: Thing): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every((operand) => naiveFits(operand, thing))
    case 'or':
      return filter.operands.some((operand) => naiveFits(operand, thing))
    case 'not':
      return !naiveFits(filter.operand, thing)
    default:
      return (
        valuesOf(filter.field, thing).some((value) => fitsCondition(filter, value)) !==
        isMissing(filter, thing)
      )
  }
}

function isMissing(condition: Condition, thing: Thing): boolean {
  if (condition.kind !== 'null' || condition.negated) return false
  return valuesOf(condition.field, thing).length === 0
}

function valuesOf({ kind, key }: Field, thing: Thing): (string | number)[] {
  if (kind === 'dataset') return thing.dataset?.[key] ?? []
  const from = kind === 'attribute' ? thing.attributes : thing[kind]
  const value = from && Object.hasOwn(from, key) ? from[key] : null
  return value === null || value === undefined ? [] : [value]
}

function fitsCondition(condition: Condition, value: string | number): boolean {
  if (condition.kind === 'null') return condition.negated
  if (typeof value === 'number') return fits(value, condition)
  const compare = (other: unknown) => compareText(value, String(other))
  if (condition.kind === 'in') return condition.values.includes(value) !== condition.negated
  if (condition.kind === 'between') return compare(condition.low) >= 0 && compare(condition.high) <= 0
  const { operator, value: other } = condition
  if (operator === 'LIKE') return fitsPattern([...value], [...String(other)])
  if (operator === 'ILIKE') return fitsPattern([...lower(value)], [...lower(String(other))])
  return fits(compare(other), { ...condition, value: 0 })
}

const lower = (text: string) => text.replace(/[A-Z]/g, (char) => char.toLowerCase())

function fitsPattern(text: string[], pattern: string[]): boolean {
  const [first, ...rest] = pattern
  if (first === undefined) return text.length === 0
  if (first === '%') return text.some((_, i) => fitsPattern(text.slice(i), rest)) || fitsPattern([], rest)
  return text.length > 0 && (first === '_' || first === text[0]) && fitsPattern(text.slice(1), rest)
}

function compareText(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Sorts as the order says: missing last, NaN before it, in both directions. */
export function naiveSort<Item extends Thing>(things: readonly Item[], order: readonly OrderTerm[]): Item[] {
  return things.toSorted((a, b) => {
    for (const { field, descending } of order) {
      const [[x], [y]] = [valuesOf(field, a), valuesOf(field, b)]
      const difference = rank(x) - rank(y) || (descending ? -1 : 1) * compareValues(x, y)
      if (difference !== 0) return difference
    }
    return 0
  })
}

const rank = (value: string | number | undefined) => (value === undefined ? 2 : Number.isNaN(value) ? 1 : 0)

function compareValues(x: string | number | undefined, y: string | number | undefined): number {
  if (typeof x === 'string' && typeof y === 'string') return compareText(x, y)
  return x === y || rank(x) > 0 ? 0 : Number(x) < Number(y) ? -1 : 1
}
