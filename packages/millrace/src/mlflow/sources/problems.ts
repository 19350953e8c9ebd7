import { isPlatformError } from '@millrace/protocol/errors'
import type { Problem } from '../store.ts'

/** Collects what could not be read, each place once. */
export interface Problems {
  /** @returns undefined if what was to be read is not as it should be */
  attempt<Result>(read: () => Promise<Result>): Promise<Result | undefined>
  list(): Problem[]
}

export function createProblems(): Problems {
  const problems = new Map<string, Problem>()
  return {
    async attempt(read) {
      try {
        return await read()
      } catch (error) {
        const { where, reason } = problemOf(error)
        problems.set(where, { where, reason })
        return undefined
      }
    },
    list: () => [...problems.values()],
  }
}

/** @throws what is no fault of the store */
function problemOf(error: unknown): Problem {
  if (isPlatformError(error) && error.code === 'mlflow.source_invalid') {
    return { where: String(error.details.where), reason: String(error.details.reason) }
  }
  const { code, path, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') {
    return { where: path ?? 'a file', reason: message }
  }
  throw error
}
