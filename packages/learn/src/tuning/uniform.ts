import { normalQuantile } from '../normal.ts'
import type { Random } from '../random.ts'

/** A uniform number in [0, 1) of 53 random bits. */
export const drawUniform = (random: Random): number =>
  ((random.uint32() >>> 5) * 2 ** 26 + (random.uint32() >>> 6)) / 2 ** 53

/** A standard normal number; one draw, whatever comes out. */
export const drawNormal = (random: Random): number => normalQuantile(drawUniform(random) + 2 ** -54)

/** A place in a list of weights, each with its weight's share. `total` is their sum. */
export const drawIndex = (random: Random, weights: ArrayLike<number>, total: number): number => {
  let rest = drawUniform(random) * total
  for (let index = 0; index < weights.length - 1; index += 1) {
    rest -= weights[index]
    if (rest < 0) return index
  }
  return weights.length - 1
}

/** The numbers from 0 to `size` - 1 in random order. */
export const drawOrder = (random: Random, size: number): Int32Array => {
  const order = Int32Array.from({ length: size }, (_, index) => index)
  for (let last = size - 1; last > 0; last -= 1) {
    const other = random.below(last + 1)
    const kept = order[last]
    order[last] = order[other]
    order[other] = kept
  }
  return order
}
