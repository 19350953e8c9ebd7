import type { Expectation } from '@millrace/protocol'
import type { ExpectationResult } from '../validation.ts'
import type { Judgement, RowRule } from './rule.ts'
import type { SampleRow } from './samples.ts'

/** How much a result tells. Great Expectations' COMPLETE has its failing rows in a file: see `failingRows`. */
export const resultFormats = ['BOOLEAN_ONLY', 'BASIC', 'SUMMARY'] as const
export type ResultFormat = (typeof resultFormats)[number]

export interface RowCounts {
  /** Rows that meet the row condition. */
  element: number
  /** Of these, those that are judged: the others are missing. */
  judged: number
  unexpected: number
}

interface RowResultInput {
  rule: RowRule
  mostly: number
  counts: RowCounts
  sample: SampleRow[] | undefined
  format: ResultFormat
}

/** The result of an expectation that judges rows; without a judged row it passes. */
export function rowResult({ rule, mostly, counts, sample = [], format }: RowResultInput): Judgement {
  const { element, judged, unexpected } = counts
  const success = judged === 0 || (judged - unexpected) / judged >= mostly
  if (format === 'BOOLEAN_ONLY') return { success, result: {} }
  const values = sample.map((row) => shape(rule, row))
  const percentJudgement = percent(unexpected, element === 0 ? 0 : judged)
  const result: ExpectationResult['result'] = {
    element_count: element,
    unexpected_count: unexpected,
    unexpected_percent: percentJudgement,
    partial_unexpected_list: values,
    ...(rule.countsMissing && {
      missing_count: element - judged,
      missing_percent: percent(element - judged, element),
      unexpected_percent_total: percent(unexpected, element),
      unexpected_percent_nonmissing: percentJudgement,
    }),
  }
  if (format === 'BASIC') return { success, result }
  return {
    success,
    result: {
      ...result,
      partial_unexpected_counts: countValues(sample.map((row) => shape(rule, row, { names: false }))),
      partial_unexpected_index_list: sample.map(({ place }) => place),
      partial_unexpected_rows: sample.map(({ place, keys, values: shown }) => ({
        row: place,
        ...keys,
        ...shown,
      })),
    },
  }
}

/** A result in its envelope. */
export function toResult(
  { type, kwargs, severity, notes, meta }: Expectation,
  { success, result }: Judgement,
  format: ResultFormat,
): ExpectationResult {
  return {
    success,
    expectation_config: {
      type,
      kwargs,
      severity,
      ...(notes !== undefined && { notes }),
      meta: meta ?? {},
    },
    result: format === 'BOOLEAN_ONLY' ? {} : result,
    meta: {},
    exception_info: { raised_exception: false, exception_traceback: null, exception_message: null },
  }
}

/** The judged values of a row; counts have records without names, as Great Expectations does. */
function shape(rule: RowRule, { values }: SampleRow, { names = true } = {}): unknown {
  if (rule.shape === 'record' && names) return values
  const list = rule.shown.map(({ name }) => values[name])
  return rule.shape === 'value' ? list[0] : list
}

/** The sample's values and how often each is in it: most often first. */
function countValues(values: readonly unknown[]): { value: unknown; count: number }[] {
  const counts = new Map<string, { value: unknown; count: number }>()
  for (const value of values) {
    const key = JSON.stringify(value)
    const known = counts.get(key)
    if (known) known.count += 1
    else counts.set(key, { value, count: 1 })
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || compare(a.value, b.value))
}

/** Lists by their first values that differ; nothing is said of what has no order. */
function compare(a: unknown, b: unknown): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    const i = a.findIndex((value, place) => value !== b[place])
    return i < 0 ? 0 : compare(a[i], b[i])
  }
  if (a === b) return 0
  return (a as number) < (b as number) ? -1 : 1
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole
}
