import { type ErrorCode, errorCatalogue } from './errors.ts'

/** What travels on the wire and in logs for every refused request. */
export interface ErrorBody {
  error_code: ErrorCode
  message: string
  details: Record<string, unknown>
}

const brand = Symbol.for('millrace.PlatformError')

/** The one error class of the platform. Compare with {@link isPlatformError}, never with `instanceof`. */
export class PlatformError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly retryable: boolean
  readonly details: Record<string, unknown>
  readonly [brand] = true

  constructor(code: ErrorCode, details: Record<string, unknown>, cause?: unknown) {
    const [status, template, retryable] = errorCatalogue[code]
    super(fillTemplate(template, details), cause === undefined ? undefined : { cause })
    this.name = 'PlatformError'
    this.code = code
    this.status = status
    this.retryable = retryable
    this.details = details
  }

  toBody(): ErrorBody {
    return { error_code: this.code, message: this.message, details: this.details }
  }
}

/** Makes the error of a catalogue row: `throw fail('object.not_found', { key })`. */
export function fail(code: ErrorCode, details: Record<string, unknown> = {}, cause?: unknown): PlatformError {
  return new PlatformError(code, details, cause)
}

/** True for errors of the catalogue, also across realms and copies of this module. */
export function isPlatformError(error: unknown): error is PlatformError {
  return typeof error === 'object' && error !== null && brand in error
}

function fillTemplate(template: string, details: Record<string, unknown>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const value = details[key]
    if (value === undefined) return whole
    return typeof value === 'string' ? value : JSON.stringify(value)
  })
}
