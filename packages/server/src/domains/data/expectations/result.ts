import type { Expectation } from '@millrace/protocol'
import type { ExpectationResult } from '../validation.ts'
import type { RowRule } from './rule.ts'
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

type Judged = Pick<ExpectationResult, 'success' | 'result'>

interface RowResultInput {
  rule: RowRule
  mostly: number
  counts: RowCounts
  sample: SampleRow[] | undefined
  format: ResultFormat
}

/** The result of an expectation that judges rows; without a judged row it passes. */
export function rowResult({ rule, mostly, counts, sample = [], format }: RowResultInput): Judged {
  const { element, judged, unexpected } = counts
  const success = judged === 0 || (judged - unexpected) / judged >= mostly
  if (format === 'BOOLEAN_ONLY') return { success, result: {} }
  const values = sample.map((row) => shape(rule, row))
  const percentJudged = percent(unexpected, element === 0 ? 0 : judged)
  const result: ExpectationResult['result'] = {
    element_count: element,
    unexpected_count: unexpected,
    unexpected_percent: percentJudged,
    partial_unexpected_list: values,
    ...(rule.countsMissing && {
      missing_count: element - judged,
      missing_percent: percent(element - judged, element),
      unexpected_percent_total: percent(unexpected, element),
      unexpected_percent_nonmissing: percentJudged,
    }),
  }
  if (format === 'BASIC') return { success, result }
  return {
    success,
    result: {
      ...result,
      partial_unexpected_counts: countValues(values),
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
  { success, result }: Judged,
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

function shape(rule: RowRule, { values }: SampleRow): unknown {
  if (rule.shape === 'record') return values
  const list = rule.shown.map(({ name }) => values[name])
  return rule.shape === 'pair' ? list : list[0]
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
  return [...counts.values()].sort(
    (a, b) => b.count - a.count || ((a.value as number) < (b.value as number) ? -1 : 1),
  )
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : (100 * part) / whole
}
