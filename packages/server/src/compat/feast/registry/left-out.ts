/** What of a Feast registry has no place here, and why. */
export interface LeftOut {
  /** In Feast's words: `feature view`, `feature`, `on-demand feature view` … */
  kind: string
  name: string
  reason: string
}

/** Thrown while one object is translated: it is left out, the others go on. */
export class CannotTranslate extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'CannotTranslate'
  }
}

/** Runs the translation of one object; what it cannot translate is noted. */
export function orLeaveOut<T>(
  leftOut: LeftOut[],
  { kind, name }: { kind: string; name: string },
  translate: () => T,
): T | undefined {
  try {
    return translate()
  } catch (error) {
    if (!(error instanceof CannotTranslate)) throw error
    leftOut.push({ kind, name, reason: error.message })
    return undefined
  }
}
