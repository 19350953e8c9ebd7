import { fail } from '@millrace/protocol'

/** What a version must pass before one of the pointers may name it. */
export interface ModelChecks {
  /** Aliases and stages that are guarded, e.g. `champion`, `Production`. */
  pointers: string[]
  /** The files can be loaded; for ONNX models by loading them. */
  loads: boolean
  /** It says what it takes and gives. */
  signature: boolean
  /** It predicts on its own input example; ONNX models only. */
  predicts: boolean
  /** Bounds of metrics of the version's gate, logged model or run; both ends belong to them. */
  metrics: { key: string; min?: number; max?: number }[]
  /** Tags that the version must have; with this value, if there is one. */
  tags: { key: string; value?: string }[]
}

export type CheckName = 'unchanged' | 'loads' | 'signature' | 'predicts' | 'metric' | 'tag'

export interface CheckResult {
  check: CheckName
  /** The metric or the tag. */
  of: string | null
  outcome: 'passed' | 'failed' | 'not-checkable'
  /** Whether the version is refused unless it passed. */
  demanded: boolean
  detail: string
}

export interface CheckReport {
  id: string
  model: string
  version: number
  /** All that is demanded was passed. */
  passed: boolean
  results: CheckResult[]
  /** Milliseconds. */
  checkedAt: number
}

export const noChecks: ModelChecks = {
  pointers: [],
  loads: false,
  signature: false,
  predicts: false,
  metrics: [],
  tags: [],
}

/** @throws `model.entry_invalid` for bounds that nothing fulfils and for entries that occur twice */
export function refuseInvalidChecks(model: string, checks: ModelChecks): void {
  const refuse = (reason: string) => fail('model.entry_invalid', { model, what: 'the checks', reason })
  for (const { key, min, max } of checks.metrics) {
    if (min === undefined && max === undefined) throw refuse(`the metric "${key}" has neither min nor max`)
    if (min !== undefined && max !== undefined && min > max) throw refuse(`min of "${key}" is above its max`)
  }
  for (const keys of [
    checks.metrics.map(({ key }) => key),
    checks.tags.map(({ key }) => key),
    checks.pointers,
  ]) {
    const twice = keys.find((key, i) => keys.indexOf(key) !== i)
    if (twice !== undefined) throw refuse(`"${twice}" is given twice`)
  }
}

/** The metric against its bounds; one that is missing or no number fails. */
export function checkMetric(
  { key, min, max }: ModelChecks['metrics'][number],
  metrics: Readonly<Record<string, number>>,
): CheckResult {
  const value = metrics[key]
  const bounds = [min !== undefined ? `at least ${min}` : '', max !== undefined ? `at most ${max}` : '']
    .filter(Boolean)
    .join(' and ')
  const outcome =
    value !== undefined && (min === undefined || value >= min) && (max === undefined || value <= max)
      ? 'passed'
      : 'failed'
  const detail =
    value === undefined ? `there is no metric "${key}"` : `${key} is ${value}, demanded ${bounds}`
  // NaN is within no bounds: both comparisons are false.
  return { check: 'metric', of: key, outcome, demanded: true, detail }
}

export function checkTagOf(
  { key, value }: ModelChecks['tags'][number],
  tags: Readonly<Record<string, string>>,
): CheckResult {
  const found = tags[key]
  const passed = found !== undefined && (value === undefined || found === value)
  const detail =
    found === undefined
      ? `there is no tag "${key}"`
      : value === undefined || passed
        ? `${key} is "${found}"`
        : `${key} is "${found}", demanded "${value}"`
  return { check: 'tag', of: key, outcome: passed ? 'passed' : 'failed', demanded: true, detail }
}
