import type { Expectation } from '@millrace/protocol'

/** The result of one expectation, in Great Expectations' shape. Percentages are 0 to 100. */
export interface ExpectationResult {
  success: boolean
  expectation_config: {
    type: string
    kwargs: Record<string, unknown>
    severity: Expectation['severity']
    notes?: Expectation['notes']
    meta: Record<string, unknown>
  }
  result: {
    element_count?: number
    unexpected_count?: number
    /** Of the judged values; null without any. */
    unexpected_percent?: number | null
    unexpected_percent_total?: number | null
    unexpected_percent_nonmissing?: number | null
    missing_count?: number
    missing_percent?: number | null
    /** At most 20, in the order of the rows. */
    partial_unexpected_list?: unknown[]
    partial_unexpected_counts?: { value: unknown; count: number }[]
    /** Rows (from 0, in the order of the version) of the values above. */
    partial_unexpected_index_list?: number[]
    /** Those rows: `row`, their place, the columns by which they are found again, and the judged ones. */
    partial_unexpected_rows?: Record<string, unknown>[]
    observed_value?: unknown
    /** Of a set of distinct values, those that are not there: at most 20. */
    partial_missing_list?: unknown[]
    details?: Record<string, unknown>
  }
  meta: Record<string, unknown>
  exception_info: { raised_exception: false; exception_traceback: null; exception_message: null }
}

/** In the shape of Great Expectations' suite results. */
export interface ValidationResult {
  /** True when no expectation failed, whatever its severity. */
  success: boolean
  results: ExpectationResult[]
  /** The dataset. */
  suite_name: string
  suite_parameters: Record<string, never>
  meta: {
    validation_time: string
    /** Of a version that was stopped and is not kept: its failing rows, as a Parquet file in the content store. */
    failing_rows?: { digest: string; bytes: number; rows: number }
  }
  statistics: {
    evaluated_expectations: number
    successful_expectations: number
    unsuccessful_expectations: number
    success_percent: number
  }
}

/** Puts results together. */
export function summarise(
  results: ExpectationResult[],
  { dataset, now }: { dataset: string; now: number },
): ValidationResult {
  const successful = results.filter((result) => result.success).length
  return {
    success: successful === results.length,
    results,
    suite_name: dataset,
    suite_parameters: {},
    meta: { validation_time: new Date(now).toISOString() },
    statistics: {
      evaluated_expectations: results.length,
      successful_expectations: successful,
      unsuccessful_expectations: results.length - successful,
      success_percent: results.length === 0 ? 100 : (100 * successful) / results.length,
    },
  }
}

/** The failed expectations that stop a version, as one text: column, rule and number of rows of each. */
export function describeFailures(validation: ValidationResult): string | undefined {
  const stopping = validation.results.filter((r) => !r.success && r.expectation_config.severity === 'stop')
  return stopping.length === 0 ? undefined : stopping.map(describeFailure).join('; ')
}

function describeFailure({ expectation_config: { type, kwargs }, result }: ExpectationResult): string {
  const { column, ...rest } = kwargs
  const what = column === undefined ? 'the table' : `column "${column}"`
  const rule = Object.keys(rest).length === 0 ? type : `${type} ${JSON.stringify(rest).slice(0, 500)}`
  if (result.element_count === undefined) {
    return `${what} failed ${rule}: observed ${JSON.stringify(result.observed_value)?.slice(0, 500)}`
  }
  const samples = (result.partial_unexpected_list ?? []).slice(0, 3).map((value) => JSON.stringify(value))
  return `${what} failed ${rule} on ${result.unexpected_count} of ${result.element_count} rows (for example ${samples.join(', ')})`
}
