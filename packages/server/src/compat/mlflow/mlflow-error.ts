/** The names of errors on MLflow's wire, with the status of each. */
export const statusOf = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  RESOURCE_CONFLICT: 409,
  ABORTED: 409,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
  TEMPORARILY_UNAVAILABLE: 503,
} as const

export type MlflowErrorCode = keyof typeof statusOf

/**
 * A refusal in MLflow's words, for what only exists on its wire. What a domain refuses is an error of the catalogue,
 * which `errors.ts` translates.
 */
export class MlflowError extends Error {
  readonly code: MlflowErrorCode

  constructor(code: MlflowErrorCode, message: string) {
    super(message)
    this.name = 'MlflowError'
    this.code = code
  }
}
