/** A counter that all workers share; each takes the next piece of work from it. */
export type PieceCounter = Int32Array<SharedArrayBuffer>

export const createPieceCounter = (): PieceCounter => new Int32Array(new SharedArrayBuffer(4))

/** The next piece that nobody has taken, or undefined when all `total` are taken. */
export const takePiece = (counter: PieceCounter, total: number): number | undefined => {
  const piece = Atomics.add(counter, 0, 1)
  return piece < total ? piece : undefined
}
