const digits = 256

/**
 * Row numbers in ascending order of their values; rows of equal value (0 and -0 are equal) stay in their order. NaN comes
 * at either end. A radix sort on the bits of the numbers (Knuth 1998, 5.2.5): about four times as fast as `sort` with a
 * comparison for a million rows.
 */
export const sortOrder = (values: ArrayLike<number>): Uint32Array => {
  const rows = values.length
  const numbers = new Float64Array(values)
  // Adding 0 turns -0 into 0.
  for (let row = 0; row < rows; row += 1) numbers[row] += 0
  // The machine's byte order is little-endian wherever Node is commonly run.
  const words = new Uint32Array(numbers.buffer)
  const low = new Uint32Array(rows)
  const high = new Uint32Array(rows)
  for (let row = 0; row < rows; row += 1) {
    // As unsigned integers, floats are ordered if negative ones have all bits turned, the others the sign.
    const negative = -(words[2 * row + 1] >>> 31)
    low[row] = words[2 * row] ^ negative
    high[row] = words[2 * row + 1] ^ (negative | 0x80000000)
  }
  let order = Uint32Array.from({ length: rows }, (_, row) => row)
  let next = new Uint32Array(rows)
  const starts = new Uint32Array(digits)
  for (const word of [low, high])
    for (let shift = 0; shift < 32; shift += 8) {
      starts.fill(0)
      for (let row = 0; row < rows; row += 1) starts[(word[row] >>> shift) & 255] += 1
      if (starts[((word[0] ?? 0) >>> shift) & 255] === rows) continue
      let sum = 0
      for (let digit = 0; digit < digits; digit += 1) {
        const count = starts[digit]
        starts[digit] = sum
        sum += count
      }
      for (let place = 0; place < rows; place += 1) {
        const row = order[place]
        const digit = (word[row] >>> shift) & 255
        next[starts[digit]] = row
        starts[digit] += 1
      }
      const done = next
      next = order
      order = done
    }
  return order
}
