import type { Random } from '../random.ts'

/** 0 … rows - 1, in order. */
export const countUp = (rows: number): Uint32Array => {
  const counted = new Uint32Array(rows)
  for (let row = 0; row < rows; row += 1) counted[row] = row
  return counted
}

/** Shuffles in place (Fisher–Yates as in Knuth 1969, algorithm P) and returns the same array. */
export const shuffle = <T extends Uint32Array | unknown[]>(values: T, random: Random): T => {
  for (let last = values.length - 1; last > 0; last -= 1) {
    const chosen = random.below(last + 1)
    const kept = values[last]
    values[last] = values[chosen]
    values[chosen] = kept
  }
  return values
}
