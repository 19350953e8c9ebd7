import { fail, type PlatformError } from '@millrace/protocol'

/** Says why a model cannot be imported; `cause` is kept. */
export type Refuse = (reason: string, cause?: unknown) => PlatformError

export function refusing(source: string): Refuse {
  return (reason, cause) => fail('model.import_refused', { source, reason }, cause)
}
