/** A stream of random 32-bit unsigned integers that is the same on every machine for the same seed. */
export type Random = {
  readonly uint32: () => number
  /** A uniform integer in [0, limit); the bias is below limit / 2^32. */
  readonly below: (limit: number) => number
}

const splitmix32 = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
}

/**
 * xoshiro128** (Blackman & Vigna 2018), its state filled by splitmix32 from `seed` and `stream`, so that
 * streams of the same seed are independent: tree 7 is the same tree whichever thread grows it.
 */
export const createRandom = (seed: number, stream = 0): Random => {
  const fill = splitmix32(splitmix32(seed)() ^ Math.imul(stream + 1, 0x85ebca6b))
  let a = fill()
  let b = fill()
  let c = fill()
  let d = fill() | 1
  const uint32 = (): number => {
    const rotated = Math.imul(b, 5)
    const result = Math.imul((rotated << 7) | (rotated >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result
  }
  return { uint32, below: (limit) => Math.floor((uint32() / 4294967296) * limit) }
}
