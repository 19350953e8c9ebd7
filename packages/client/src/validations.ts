import type { Expectation } from '@millrace/protocol'
import { path, type Transport } from './transport.ts'

/** The result of one expectation, in Great Expectations' shape. Percentages are 0 to 100. */
export interface ExpectationResult {
  success: boolean
  expectation_config: Expectation & { meta: Record<string, unknown> }
  result: {
    element_count?: number
    unexpected_count?: number
    unexpected_percent?: number | null
    missing_count?: number
    /** At most 20, in the order of the rows. */
    partial_unexpected_list?: unknown[]
    /** Places of the rows, from 0. */
    partial_unexpected_index_list?: number[]
    /** Those rows: `row`, their place, the columns by which they are found again, and the judged ones. */
    partial_unexpected_rows?: Record<string, unknown>[]
    observed_value?: unknown
    details?: Record<string, unknown>
  } & Record<string, unknown>
}

/** One check of a version, or of rows that were to become one. */
export interface Validation {
  id: string
  dataset: string
  version: string
  /** False if a failed expectation stopped the version, or would have. */
  accepted: boolean
  result: {
    success: boolean
    results: ExpectationResult[]
    suite_name: string
    meta: {
      validation_time: string
      /** Of a version that was stopped: the file of all its failing rows. */
      failing_rows?: { digest: string; bytes: number; rows: number }
    }
    statistics: {
      evaluated_expectations: number
      successful_expectations: number
      unsuccessful_expectations: number
      success_percent: number
    }
  }
  /** Milliseconds. */
  createdAt: number
}

/** What a validation on demand takes. */
export interface ValidateInput {
  /** Default: the latest. */
  version?: string
  /** Instead of those of the definition. */
  expectations?: readonly Expectation[]
  /** Default: `SUMMARY`. */
  resultFormat?: 'BOOLEAN_ONLY' | 'BASIC' | 'SUMMARY'
}

export function validationCalls({ send, open }: Transport) {
  return {
    validations: {
      /** Evaluates expectations on a version that is registered, and keeps the result. */
      run: (dataset: string, input: ValidateInput = {}) =>
        send<Validation>({ method: 'POST', path: path`/v1/datasets/${dataset}/validations`, body: input }),
      get: (dataset: string, id: string) =>
        send<Validation>({ method: 'GET', path: path`/v1/datasets/${dataset}/validations/${id}` }),
      /** One page to look at (HTML). */
      openReport: (dataset: string, id: string) =>
        open({ method: 'GET', path: path`/v1/datasets/${dataset}/validations/${id}/report` }),
      /** All rows that failed, as a Parquet file: index of the expectation, place and keys of the row. */
      openRows: (dataset: string, id: string) =>
        open({ method: 'GET', path: path`/v1/datasets/${dataset}/validations/${id}/rows` }),
      /** What a new version has to meet. */
      expectations: (dataset: string) =>
        send<{ items: Expectation[] }>({ method: 'GET', path: path`/v1/datasets/${dataset}/expectations` }),
      /** Expectations learned from a version; default: the latest. */
      propose: (dataset: string, query: { version?: string } = {}) =>
        send<{ items: Expectation[] }>({
          method: 'GET',
          path: path`/v1/datasets/${dataset}/expectations/proposed`,
          query,
        }),
    },
  }
}
