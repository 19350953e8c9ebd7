import type { Random } from '../../random.ts'

/**
 * `count` different numbers below `size`, in the order in which they were drawn (Floyd's algorithm: Bentley & Floyd
 * 1987), or with replacement.
 */
export const drawSample = (
  size: number,
  count: number,
  replacement: boolean,
  random: Random,
): Uint32Array => {
  if (replacement) return Uint32Array.from({ length: count }, () => random.below(size))
  const drawn = new Set<number>()
  for (let next = size - count; next < size; next += 1) {
    const candidate = random.below(next + 1)
    drawn.add(drawn.has(candidate) ? next : candidate)
  }
  return Uint32Array.from(drawn)
}
