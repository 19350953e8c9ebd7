import { directionPolynomials } from './sobol-directions.ts'

const bits = 32

/** The number of dimensions that there are direction numbers for. */
export const sobolDimensions = directionPolynomials.length + 1

/** The direction numbers of a dimension by the recurrence of Bratley & Fox (1988, algorithm 659). */
const listDirections = (dimension: number): Uint32Array => {
  const directions = new Uint32Array(bits)
  if (dimension === 0) return directions.map((_, bit) => (1 << (bits - 1 - bit)) >>> 0)
  const [polynomial, ...starts] = directionPolynomials[dimension - 1]
  const degree = starts.length
  for (let bit = 0; bit < bits; bit += 1) {
    if (bit < degree) directions[bit] = starts[bit] << (bits - 1 - bit)
    else {
      let value = directions[bit - degree] ^ (directions[bit - degree] >>> degree)
      for (let term = 1; term < degree; term += 1)
        if ((polynomial >>> (degree - term)) & 1) value ^= directions[bit - term]
      directions[bit] = value
    }
  }
  return directions
}

const known: Uint32Array[] = []

const reverseBits = (value: number): number => {
  let result = 0
  for (let bit = 0; bit < bits; bit += 1) result |= ((value >>> bit) & 1) << (bits - 1 - bit)
  return result >>> 0
}

/**
 * Owen's scrambling by a hash: each bit is turned by a hash of those above it (Laine & Karras 2011, with the constants of
 * Burley 2020, Practical hash-based Owen scrambling).
 */
const scramble = (value: number, key: number): number => {
  let mixed = (reverseBits(value) + key) >>> 0
  for (const factor of [0x6c50b47c, 0xb82f1e52, 0xc7afe638, 0x8d22f6e6])
    mixed = (mixed ^ Math.imul(mixed, factor)) >>> 0
  return reverseBits(mixed)
}

/**
 * A coordinate of point `index` (0 … 2^32 - 1) of the Sobol sequence (Joe & Kuo 2008), scrambled with `key`: in [0, 1), and
 * any 2^k points in turn that begin at a multiple of 2^k have one in each of the 2^k equal intervals.
 */
export const sobolCoordinate = (index: number, dimension: number, key: number): number => {
  known[dimension] ??= listDirections(dimension)
  const directions = known[dimension]
  let value = 0
  for (let bit = 0; bit < bits; bit += 1) if ((index >>> bit) & 1) value ^= directions[bit]
  return scramble(value >>> 0, key) / 2 ** bits
}
