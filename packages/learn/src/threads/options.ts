import { availableParallelism } from 'node:os'
import { checkInteger } from '../check-integer.ts'

export type ThreadOptions = {
  /** Worker threads. Default: as many as the machine runs at once. The result does not depend on it. */
  readonly threads?: number
  /** Aborting stops the workers; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Called in the calling thread after each finished piece (a tree; a block of rows). */
  readonly onProgress?: (done: number, total: number) => void
}

/** How many workers to start for that many pieces. Throws a RangeError unless `threads` is 1 … 1024. */
export const resolveThreads = (options: ThreadOptions, pieces: number): number =>
  Math.min(pieces, checkInteger('threads', options.threads ?? availableParallelism(), [1, 1024]))
