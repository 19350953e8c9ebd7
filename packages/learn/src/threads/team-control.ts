/** What the threads of a team share to agree on what to do: int32, by these places. */
export const control = {
  /** Counts commands; helpers wait for it to change. */
  generation: 0,
  command: 1,
  pieces: 2,
  /** The next piece that nobody has taken. */
  next: 3,
  /** How many helpers are at work on the command; below 0 nobody may begin. */
  inside: 4,
  /** How many jobs have been started; the latest is what commands belong to. */
  jobs: 5,
  /** How many answers helpers have posted. */
  answers: 6,
} as const
export type Control = Int32Array<SharedArrayBuffer>

/** Values of `inside`: between two commands, and after the last one. */
const closed = -1
const ended = -2

export const createControl = (): Control => {
  const shared = new Int32Array(new SharedArrayBuffer(64))
  shared[control.inside] = closed
  return shared
}

/** What a helper sends: what a step returned, or why it failed. */
export type Answer = { readonly piece: number; readonly result: unknown } | { readonly error: unknown }

/** What a helper is sent when a job starts. */
export interface JobStart {
  readonly kind: string
  readonly data: unknown
}

// Some 50 µs: commands follow each other closely, and putting a thread to sleep and waking it takes longer.
const spins = 50_000

/** Waits until the value at a place is no longer `value`. */
export const waitWhile = (shared: Control, place: number, value: number): void => {
  for (let spin = 0; spin < spins; spin += 1) if (Atomics.load(shared, place) !== value) return
  while (Atomics.load(shared, place) === value) Atomics.wait(shared, place, value)
}

const callHelpers = (shared: Control, inside: number): void => {
  Atomics.store(shared, control.inside, inside)
  Atomics.add(shared, control.generation, 1)
  Atomics.notify(shared, control.generation)
}

/** Lets helpers in to work on a command. */
export const openCommand = (shared: Control, command: number, pieces: number): void => {
  shared[control.command] = command
  shared[control.pieces] = pieces
  Atomics.store(shared, control.next, 0)
  callHelpers(shared, 0)
}

/**
 * Waits for the helpers that are inside, and lets no more in. Helpers that come too late (asleep, not yet started, or
 * without a processor) hold up nobody.
 */
export const closeCommand = (shared: Control): void => {
  for (;;) {
    const inside = Atomics.compareExchange(shared, control.inside, 0, closed)
    if (inside === 0) return
    waitWhile(shared, control.inside, inside)
  }
}

export const endTeam = (shared: Control): void => callHelpers(shared, ended)

/** What a helper finds when it is called. */
export const enterCommand = (shared: Control): 'inside' | 'too late' | 'ended' => {
  let inside = Atomics.load(shared, control.inside)
  while (inside >= 0) {
    const before = Atomics.compareExchange(shared, control.inside, inside, inside + 1)
    if (before === inside) return 'inside'
    inside = before
  }
  return inside === ended ? 'ended' : 'too late'
}

export const leaveCommand = (shared: Control): void => {
  Atomics.sub(shared, control.inside, 1)
  Atomics.notify(shared, control.inside)
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
