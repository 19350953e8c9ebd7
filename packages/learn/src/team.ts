/** What a member of a team does for one piece of a command. What it returns is collected, unless undefined. */
export type Step = (command: number, piece: number) => unknown

/** One of the threads of a team; member 0 is the one that leads. */
export interface Member {
  readonly index: number
  readonly size: number
}

/** Makes a member's own part of a job from data that all members are given. */
export type JobMaker<D> = (data: D, member: Member) => Step

/** Work that all members of a team are prepared for. */
export interface Job {
  /**
   * Has the members take the pieces 0 … pieces - 1, each of them once, in any order, and returns when all are done:
   * what the steps returned, by piece. The caller takes part, and calls `between` after each piece that it did, with
   * the number of pieces that have been taken. Throws what a step throws.
   */
  run(command: number, pieces: number, between?: (taken: number) => void): unknown[]
}

/** Several threads, the caller among them, that work together on shared memory. */
export interface Team {
  readonly size: number
  /** `data` may hold plain data, memory that is shared, and typed arrays over it. */
  start(kind: string, data: unknown): Job
}

/** Finds how to do a kind of job. */
export type FindJob = (kind: string) => JobMaker<never>

/** A team of one: the calling thread. */
export const createSoloTeam = (find: FindJob): Team => ({
  size: 1,
  start(kind, data) {
    const step = find(kind)(data as never, { index: 0, size: 1 })
    return {
      run: (command, pieces, between) =>
        Array.from({ length: pieces }, (_, piece) => {
          const result = step(command, piece)
          between?.(piece + 1)
          return result
        }),
    }
  },
})
