/** Draws the next 32 random bits as an integer in [0, 2^32). */
export type RandomBits = () => number

/**
 * xoshiro128** (Blackman and Vigna 2018), its state filled from a 32-bit seed by splitmix32.
 * The same seed gives the same stream on every platform. Not for secrets.
 */
export function createRandomBits(seed: number): RandomBits {
  let mix = seed >>> 0
  const nextMix = (): number => {
    mix = (mix + 0x9e3779b9) | 0
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [nextMix(), nextMix(), nextMix(), nextMix()]
  return () => {
    const scrambled = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotateLeft(d, 11)
    return scrambled >>> 0
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits))
}
