import { averagePathLength } from '../../trees/isolation/path-length.ts'

/**
 * The score of a mean path length: 2^(-length / expected) (Liu, Ting & Zhou 2008, eq. 2). Lengths are rounded to float32, as
 * ONNX has them, so that a row on the threshold is on the same side of it in both.
 */
export const makeScore = (sample: number): ((length: number) => number) => {
  // A sample of one row isolates nothing: no row is stranger than another.
  const expected = averagePathLength(sample)
  return (length) => (expected > 0 ? 2 ** (-Math.fround(length) / expected) : 0.5)
}

/** The greatest float32 length whose score is above the threshold; -1 if none is. */
export const findCut = (sample: number, threshold: number): number => {
  const score = makeScore(sample)
  const float = new Float32Array(1)
  const bits = new Uint32Array(float.buffer)
  const lengthOf = (code: number): number => {
    bits[0] = code
    return float[0]
  }
  // As integers, the bits of floats that are not negative are in the order of the floats.
  let low = -1
  let high = 0x7f800000
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (score(lengthOf(middle)) > threshold) low = middle
    else high = middle
  }
  return low < 0 ? -1 : lengthOf(low)
}
