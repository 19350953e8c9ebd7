import type { ValueRange } from './ranges.ts'
import type { ColumnType } from './schema.ts'

const ordered: readonly ColumnType[] = ['int64', 'float64', 'timestamp']

/** What is wrong with the range of a feature of the type; undefined if nothing is. */
export function rangeProblem(type: ColumnType, range: ValueRange): string | undefined {
  const { min, max, in: members, notNull, outside } = range
  const ends = [min, max].filter((end) => end !== undefined)
  if (ends.length === 0 && !members && !notNull) return 'it needs min, max, in or notNull'
  if (ends.length > 0 && !ordered.includes(type))
    return `min and max are for ${ordered.join(', ')}, it is ${type}`
  const wrong = ends.find((end) => !isValue(end, type))
  if (wrong !== undefined) return `${wrong} is no ${type}`
  if (min !== undefined && max !== undefined && min > max) return `min ${min} is above max ${max}`
  if (members) {
    if (ends.length > 0) return 'it has either in, or min and max'
    if (type !== 'string' && type !== 'int64') return `in is for string and int64, it is ${type}`
    const stranger = members.find((member) => !isValue(member, type))
    if (stranger !== undefined) return `${JSON.stringify(stranger)} is no ${type}`
  }
  if (outside === 'clip' && ends.length === 0) return 'clip needs min or max'
  if (outside === 'null' && notNull)
    return 'a value that is outside cannot become missing where it is notNull: choose refuse or clip'
  return undefined
}

function isValue(value: string | number, type: ColumnType): boolean {
  if (type === 'string') return typeof value === 'string'
  return type === 'float64' ? Number.isFinite(value) : Number.isSafeInteger(value)
}
