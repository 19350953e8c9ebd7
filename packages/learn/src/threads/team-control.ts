/** What the threads of a team share to agree on what to do: int32, by these places. */
export const control = {
  /** Counts commands; helpers wait for it to change. */
  generation: 0,
  command: 1,
  pieces: 2,
  /** The next piece that nobody has taken. */
  next: 3,
  /** Helpers that have not finished the command. */
  busy: 4,
} as const
export type Control = Int32Array<SharedArrayBuffer>

export const createControl = (): Control => new Int32Array(new SharedArrayBuffer(64))

/** Commands of the team itself; those of jobs are >= 0. */
export const startJob = -1
export const endTeam = -2

/** What a helper sends: what a step returned, or why it failed. */
export type Answer = { readonly piece: number; readonly result: unknown } | { readonly error: unknown }

/** What a helper is sent with `startJob`. */
export interface JobStart {
  readonly kind: string
  readonly data: unknown
}

// Some 20 µs: commands follow each other closely, and putting a thread to sleep and waking it takes longer.
const spins = 20_000

/** Waits until the value at a place is no longer `value`. */
export const waitWhile = (shared: Control, place: number, value: number): void => {
  for (let spin = 0; spin < spins; spin += 1) if (Atomics.load(shared, place) !== value) return
  while (Atomics.load(shared, place) === value) Atomics.wait(shared, place, value)
}

/** Does pieces of the current command until all are taken. */
export const takePieces = (shared: Control, pieces: number, act: (piece: number) => void): void => {
  for (
    let piece = Atomics.add(shared, control.next, 1);
    piece < pieces;
    piece = Atomics.add(shared, control.next, 1)
  )
    act(piece)
}
