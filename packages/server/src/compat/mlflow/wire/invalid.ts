import { MlflowError } from '../mlflow-error.ts'

const seeDocs = ' See the API docs for more information about request parameters.'

/** @param at e.g. `run_id` or `metrics[0].value` */
export function missing(at: string): MlflowError {
  return new MlflowError('INVALID_PARAMETER_VALUE', `Missing value for required parameter '${at}'.${seeDocs}`)
}

/** A value that cannot be read as its type; `hint` says what would be accepted. */
export function invalid(at: string, value: unknown, hint?: string): MlflowError {
  // Bodies may be megabytes: the beginning is enough to find the value.
  const shown = (JSON.stringify(value) ?? 'null').slice(0, 200)
  const reason = hint ?? ` Hint: Value was of type '${wireType(value)}'.`
  return new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Invalid value ${shown} for parameter '${at}' supplied: ${reason}${seeDocs}`,
  )
}

/** The names that MLflow's messages use. */
function wireType(value: unknown): string {
  if (value === null) return 'NoneType'
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  return 'dict'
}
