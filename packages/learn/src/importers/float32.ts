const single = new Float32Array(1)
const bits = new Int32Array(single.buffer)

/** The greatest float32 below a float32; -Infinity stays. */
export const nextFloat32Below = (value: number): number => {
  if (value === -Infinity || Number.isNaN(value)) return value
  single[0] = value
  // Both zeros lie above the least negative number. Elsewhere the bits count up with the magnitude.
  if (single[0] === 0) bits[0] = 0x80000001 | 0
  else bits[0] += single[0] > 0 ? -1 : 1
  return single[0]
}

/** The greatest float32 that is not above a number: `x <= value` is then the same for every float32 x. */
export const floorToFloat32 = (value: number): number => {
  const rounded = Math.fround(value)
  return rounded > value ? nextFloat32Below(rounded) : rounded
}
