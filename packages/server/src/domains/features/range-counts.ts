/** What became of a value outside of the range of its feature. */
export type RangeOutcome = 'nulled' | 'clipped' | 'refused'

interface FeatureName {
  /** null = a feature of the request. */
  view: string | null
  feature: string
}

export interface RangeCount extends FeatureName {
  outcome: RangeOutcome
  values: number
}

/** Values outside of ranges, by feature. */
export interface RangeCounts {
  add(of: FeatureName, outcome: RangeOutcome, values?: number): void
  list(): RangeCount[]
}

export function createRangeCounts(): RangeCounts {
  const known = new Map<string, RangeCount>()
  return {
    add({ view, feature }, outcome, values = 1) {
      const key = `${view ?? ''}:${feature}:${outcome}`
      const count = known.get(key)
      if (count) count.values += values
      else known.set(key, { view, feature, outcome, values })
    },
    list: () => [...known.values()],
  }
}
