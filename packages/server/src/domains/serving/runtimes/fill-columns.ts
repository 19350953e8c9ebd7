import type { FeatureValue } from '../../features/index.ts'
import type { ModelColumn } from './runtime.ts'

/** Puts the features of rows into the columns that a model takes, one for each of `features`, in order. */
export function fillColumns(
  columns: readonly ModelColumn[],
  features: readonly { name: string }[],
  rows: readonly { values: Record<string, FeatureValue> }[],
): void {
  for (const [c, { name }] of features.entries()) {
    const column = columns[c]
    if (Array.isArray(column)) for (let r = 0; r < rows.length; r++) column[r] = toText(rows[r].values[name])
    else for (let r = 0; r < rows.length; r++) column[r] = toNumber(rows[r].values[name])
  }
}

function toNumber(value: FeatureValue | undefined): number {
  return value === null || value === undefined ? Number.NaN : Number(value)
}

function toText(value: FeatureValue | undefined): string {
  return value === null || value === undefined ? '' : String(value)
}
