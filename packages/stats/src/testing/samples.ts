import { createRandomBits } from '../random.ts'

/** Numbers without a generator: ((i * multiplier) mod 10007) / 10007 for i from offset. */
export function fractions(rows: number, multiplier: number, offset = 0): number[] {
  return Array.from({ length: rows }, (_, i) => (((i + offset) * multiplier) % 10007) / 10007)
}

/** Draws uniform numbers in [0, 1). */
export function createUniform(seed: number): () => number {
  const nextBits = createRandomBits(seed)
  return () => nextBits() / 2 ** 32
}

/** Standard normal numbers by Box and Muller. */
export function normals(uniform: () => number, rows: number, shift = 0): Float64Array {
  return Float64Array.from(
    { length: rows },
    () => shift + Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  )
}

/** Distance between two numbers relative to the second, for golden values of any size. */
export function relativeError(actual: number, expected: number): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected)
}
