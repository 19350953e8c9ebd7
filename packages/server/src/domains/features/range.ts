import { fail, type Ranges, type ValueRange } from '@millrace/protocol'
import type { FeatureValue } from './on-demand.ts'
import type { RangeCounts } from './range-counts.ts'

/** A feature of a view, or of the request (null). */
interface RangeOwner {
  view: string | null
  feature: string
}

/** The values that a feature may have, ready to be asked about one after the other. */
export interface RangeCheck {
  /** Whether a value may stay as it is. */
  contains(value: FeatureValue): boolean
  /**
   * What stands for a value that may not stay.
   * @throws `feature.outside_range`; `feature.row_invalid` for a feature of the request
   */
  replace(value: FeatureValue, row: number): FeatureValue
}

/** The checks of the features in their order; undefined if none has a range. */
export function compileRanges(
  { view, features, ranges }: { view: string | null; features: readonly string[]; ranges?: Ranges },
  counts: RangeCounts,
): (RangeCheck | undefined)[] | undefined {
  if (!ranges || !features.some((feature) => Object.hasOwn(ranges, feature))) return undefined
  return features.map((feature) =>
    Object.hasOwn(ranges, feature) ? compileRange({ view, feature }, ranges[feature], counts) : undefined,
  )
}

/** Brings a column into its range, in place. @returns whether a value has become missing */
export function enforceRange(column: FeatureValue[], { contains, replace }: RangeCheck): boolean {
  let isNulled = false
  for (let row = 0; row < column.length; row++) {
    const value = column[row]
    if (contains(value)) continue
    column[row] = replace(value, row)
    isNulled ||= column[row] === null
  }
  return isNulled
}

function compileRange(owner: RangeOwner, range: ValueRange, counts: RangeCounts): RangeCheck {
  const { min = -Infinity, max = Infinity, in: members, notNull = false, outside } = range
  const set = members && new Set<FeatureValue>(members)
  const isInside = set
    ? (value: FeatureValue) => set.has(value)
    : (value: FeatureValue) =>
        typeof value !== 'number' || ((value as number) >= min && (value as number) <= max)
  return {
    contains: (value) => (value === null ? !notNull : isInside(value)),
    replace(value, row) {
      if (outside === 'refuse' || value === null) {
        counts.add(owner, 'refused')
        throw refusal(owner, { range, value, row })
      }
      counts.add(owner, outside === 'clip' ? 'clipped' : 'nulled')
      if (outside === 'null') return null
      return (value as number) < min ? min : max
    },
  }
}

function refusal(
  { view, feature }: RangeOwner,
  { range, value, row }: { range: ValueRange; value: FeatureValue; row: number },
) {
  const given = JSON.stringify(value)
  const expected = `must be ${describeRange(range)}`
  return view === null
    ? fail('feature.row_invalid', { row, field: feature, expected, value: given })
    : fail('feature.outside_range', { row, view, feature, expected, value: given })
}

/** For people: `from 0 to 100, and not missing`. */
export function describeRange({ min, max, in: members, notNull }: ValueRange): string {
  const shown = members?.slice(0, 10).map((member) => JSON.stringify(member)) ?? []
  const parts = [
    ...(min !== undefined && max !== undefined ? [`from ${min} to ${max}`] : []),
    ...(min !== undefined && max === undefined ? [`at least ${min}`] : []),
    ...(min === undefined && max !== undefined ? [`at most ${max}`] : []),
    ...(members ? [`one of ${shown.join(', ')}${members.length > shown.length ? ', …' : ''}`] : []),
    ...(notNull ? ['not missing'] : []),
  ]
  return parts.join(' and ')
}

/** Ranges whose values outside become something else: those that are refused never got anywhere. */
export function withoutRefused(ranges: Ranges | undefined): Ranges | undefined {
  if (!ranges) return undefined
  return Object.fromEntries(Object.entries(ranges).filter(([, { outside }]) => outside !== 'refuse'))
}
