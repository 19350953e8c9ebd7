/** The bound that the value is beyond, or the value. (Math.min and Math.max would choose between 0 and -0.) */
export const limit = (value: number, low: number, high: number): number => {
  if (value < low) return low
  if (value > high) return high
  return value
}

/** How many of the ascending edges are not above the value; NaN counts as above all. */
export const findInterval = (edges: ArrayLike<number>, value: number): number => {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (value < edges[middle]) high = middle
    else low = middle + 1
  }
  return low
}

/** Splits numbers of several columns, one column after the other, at the offsets; checked with `checkOffsets`. */
export const sliceAt = <T extends Float32Array | Float64Array>(
  values: T,
  offsets: Uint32Array,
  index: number,
): T => values.subarray(offsets[index], offsets[index + 1]) as T

/** Offsets of lists of these lengths in one array: one more than there are lists. */
export const toOffsets = (lengths: readonly number[]): Uint32Array => {
  const offsets = new Uint32Array(lengths.length + 1)
  lengths.forEach((length, index) => {
    offsets[index + 1] = offsets[index] + length
  })
  return offsets
}

/** Throws a RangeError unless the offsets cut an array of this length into so many lists. */
export const checkOffsets = (offsets: unknown, lists: number, length: number): void => {
  const proper =
    offsets instanceof Uint32Array &&
    offsets.length === lists + 1 &&
    offsets[0] === 0 &&
    offsets[lists] === length &&
    offsets.every((offset, index) => index === 0 || offset >= offsets[index - 1])
  if (!proper) throw new RangeError(`a transformer's offsets must cut ${length} numbers into ${lists} lists`)
}
