import type { Random } from '../../random.ts'

/**
 * Puts `count` of the first `candidates` numbers, drawn without replacement, at the start of `rows`, and all others
 * up to its length behind them; both ascending (Knuth, The Art of Computer Programming 2, algorithm S).
 */
export const drawRows = (
  rows: Uint32Array,
  candidates: readonly number[] | number,
  count: number,
  random: Random,
): void => {
  const size = typeof candidates === 'number' ? candidates : candidates.length
  if (count === size && typeof candidates === 'number') {
    for (let row = 0; row < rows.length; row += 1) rows[row] = row
    return
  }
  let drawn = 0
  let others = count
  let seen = 0
  for (let row = 0; row < rows.length; row += 1) {
    const candidate = seen < size && (typeof candidates === 'number' || candidates[seen] === row)
    if (!candidate) {
      rows[others++] = row
      continue
    }
    if ((random.uint32() / 2 ** 32) * (size - seen) < count - drawn) rows[drawn++] = row
    else rows[others++] = row
    seen += 1
  }
}

/** 1 for `count` of `size` things, drawn without replacement. */
export const drawFlags = (size: number, count: number, random: Random): Uint8Array => {
  const order = new Uint32Array(size)
  drawRows(order, size, count, random)
  const flags = new Uint8Array(size)
  for (const one of order.subarray(0, count)) flags[one] = 1
  return flags
}
