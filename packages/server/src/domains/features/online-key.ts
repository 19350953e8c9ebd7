import type { FeatureValue } from './on-demand.ts'
import type { ViewPlan } from './view-plan.ts'

/** Names of the online tables of one version of a view: aggregates and newest rows have event times of their own. */
export function onlineTables(plan: Pick<ViewPlan, 'name' | 'version'>): { aggregates: string; last: string } {
  const table = `${plan.name}_${plan.version.slice(0, 8)}`
  return { aggregates: table, last: `${table}_last` }
}

/** The key columns' values as one text; undefined if one is null, for a null key finds nothing. */
export function onlineKey(values: readonly FeatureValue[]): string | undefined {
  return values.includes(null) ? undefined : JSON.stringify(values)
}
