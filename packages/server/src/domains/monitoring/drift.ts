import type { MonitorDefinition } from '@millrace/protocol'
import { type ColumnDrift, type ColumnProfile, detectDrift, mergeProfiles } from '@millrace/stats'
import type { Reference, WindowResult } from './window.ts'

/** The name under which the distribution of scores is tested beside the features. */
const predictionColumn = 'prediction'

/**
 * Tests the last windows together against the reference, the strongest effect first; nothing before there are as many
 * windows as the definition asks for. Only windows in which the same model version answered most requests count: each
 * version has a reference of its own.
 */
export function judgeDrift(
  windows: readonly WindowResult[],
  reference: Reference | null,
  options: MonitorDefinition['drift'],
): ColumnDrift[] {
  const version = windows.at(-1)?.modelVersions[0]
  const profiles = windows
    .slice(-options.windows)
    .flatMap(({ modelVersions, profiles }) => (profiles && modelVersions[0] === version ? [profiles] : []))
  if (!reference || profiles.length < options.windows) return []
  const names = Object.keys(reference.columns).filter((name) =>
    profiles.every(({ columns }) => name in columns),
  )
  const tests = names.map((name) => ({
    name,
    reference: reference.columns[name],
    current: mergeAll(profiles.map(({ columns }) => columns[name])),
  }))
  tests.push({
    name: predictionColumn,
    reference: reference.prediction,
    current: mergeAll(profiles.map(({ prediction }) => prediction)),
  })
  const { alpha, minEffect, minRows } = options
  return detectDrift(tests, { alpha, minEffect, minRows }).sort((a, b) => b.effect - a.effect)
}

function mergeAll(profiles: readonly ColumnProfile[]): ColumnProfile {
  return profiles.reduce(mergeProfiles)
}
