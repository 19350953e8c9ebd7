import { fail } from '@millrace/protocol'
import type { FeatureValue } from './on-demand.ts'
import type { FeatureColumns } from './online-features.ts'
import type { FeatureStatus } from './online-lookup.ts'
import type { SelectedFeature } from './online-selection.ts'

/**
 * Names for an answer; full ones are `view__feature`.
 * @throws `feature.selection_invalid` if two features have one name
 */
export function nameFeatures(features: readonly SelectedFeature[], full: boolean): string[] {
  const names = features.map(({ view, name }) => (full && view !== null ? `${view}__${name}` : name))
  const owners = new Map<string, number>()
  for (const [i, name] of names.entries()) {
    const other = owners.get(name)
    if (other !== undefined) {
      const [a, b] = [features[other].view, features[i].view]
      throw fail('feature.selection_invalid', {
        reason: `"${a}" and "${b}" both have a feature "${name}": ask for full names`,
      })
    }
    owners.set(name, i)
  }
  return names
}

/** As JSON. Features of one view share columns of statuses and times: each is written once. */
export function toColumnsJson(at: number, names: readonly string[], columns: FeatureColumns): string {
  const known = new Map<readonly unknown[], string>()
  const once = (column: readonly unknown[]) => {
    let text = known.get(column)
    if (text === undefined) {
      text = JSON.stringify(column)
      known.set(column, text)
    }
    return text
  }
  const statuses = columns.statuses.map(once).join(',')
  const eventTimes = columns.eventTimes.map(once).join(',')
  return `{"at":${at},"features":${JSON.stringify(names)},"values":${JSON.stringify(columns.values)},"statuses":[${statuses}],"eventTimes":[${eventTimes}]}`
}

interface AnswerRow {
  values: Record<string, FeatureValue>
  statuses: Record<string, FeatureStatus>
  eventTimes: Record<string, number | null>
}

/** The same by row, then by name. */
export function toRows(names: readonly string[], columns: FeatureColumns): AnswerRow[] {
  const count = columns.values[0]?.length ?? 0
  return Array.from({ length: count }, (_, row) => {
    const answer: AnswerRow = { values: {}, statuses: {}, eventTimes: {} }
    for (const [i, name] of names.entries()) {
      answer.values[name] = columns.values[i][row]
      answer.statuses[name] = columns.statuses[i][row]
      answer.eventTimes[name] = columns.eventTimes[i][row]
    }
    return answer
  })
}
