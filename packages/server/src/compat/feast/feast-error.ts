/** Names of Feast's exceptions (module feast.errors), with the status of each. */
const statusOf = {
  FeastError: 400,
  FeastPermissionError: 403,
  FeatureNameCollisionError: 400,
  FeastObjectNotFoundException: 404,
  FeatureViewNotFoundException: 404,
  FeatureViewVersionNotFound: 404,
  FeatureServiceNotFoundException: 404,
  PushSourceNotFoundException: 422,
} as const

type FeastErrorClass = keyof typeof statusOf

/** A refusal in Feast's words, for what only exists on its wire. */
export class FeastWireError extends Error {
  readonly errorClass: FeastErrorClass
  readonly status: number

  constructor(errorClass: FeastErrorClass, message: string, status: number = statusOf[errorClass]) {
    super(message)
    this.name = 'FeastWireError'
    this.errorClass = errorClass
    this.status = status
  }
}
