import type { CategoricalColumn } from '../frame.ts'
import { integerOption, type OptionRule } from '../options.ts'
import { optional } from './option-rules.ts'

/** The categories that occur, ascending by code units, with the weight of their rows. */
export interface CategoryCounts {
  readonly categories: readonly string[]
  readonly counts: readonly number[]
  /** The weight of the rows where the category is missing. */
  readonly missing: number
}

export const countCategories = (
  { codes, categories }: CategoricalColumn,
  weights: Float64Array | undefined,
): CategoryCounts => {
  const sums = new Float64Array(categories.length)
  let missing = 0
  for (let row = 0; row < codes.length; row += 1) {
    const weight = weights === undefined ? 1 : weights[row]
    if (codes[row] === -1) missing += weight
    else sums[codes[row]] += weight
  }
  const order = Array.from(categories.keys())
    .filter((code) => sums[code] > 0)
    .sort((a, b) => (categories[a] < categories[b] ? -1 : 1))
  return {
    categories: order.map((code) => categories[code]),
    counts: order.map((code) => sums[code]),
    missing,
  }
}

export interface RareOptions {
  /**
   * Categories of fewer rows than this (below 1: of a smaller share of the rows) are one, the infrequent ones.
   * Default null: none are.
   */
  readonly minFrequency?: number | null
  /** At most so many results, the infrequent one among them. Default null: no limit. */
  readonly maxCategories?: number | null
}

const frequencyOption: OptionRule<number> = (name, value) => {
  const proper = typeof value === 'number' && value > 0 && (value < 1 || Number.isInteger(value))
  if (!proper)
    throw new RangeError(
      `${name} must be an integer >= 1 or a share between 0 and 1, not ${JSON.stringify(value)}`,
    )
  return value
}

export const rareRules = {
  minFrequency: optional(frequencyOption),
  maxCategories: optional(integerOption(0, 1, 1_000_000)),
} as const

/** Which of the counts are of infrequent categories, by scikit-learn's rules: at ties the first ones are. */
export const findInfrequent = (
  counts: readonly number[],
  total: number,
  { minFrequency, maxCategories }: { readonly [K in keyof RareOptions]-?: number | null },
): boolean[] => {
  const least = minFrequency === null ? 0 : minFrequency < 1 ? minFrequency * total : minFrequency
  const infrequent = counts.map((count) => count < least)
  const results = infrequent.filter((rare) => !rare).length + 1
  if (maxCategories === null || maxCategories >= results) return infrequent
  const ascending = Array.from(counts.keys()).sort((a, b) => counts[a] - counts[b] || a - b)
  for (const index of ascending.slice(0, Math.max(0, counts.length - (maxCategories - 1))))
    infrequent[index] = true
  return infrequent
}
