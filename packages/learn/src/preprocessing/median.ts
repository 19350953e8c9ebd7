/** Reorders `values` so that `values[rank]` is what a sort would put there (Hoare's quickselect). */
const select = (values: Float32Array, rank: number): number => {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = values[(low + high) >>> 1]
    let left = low
    let right = high
    while (left <= right) {
      while (values[left] < pivot) left += 1
      while (values[right] > pivot) right -= 1
      if (left > right) break
      const swapped = values[left]
      values[left] = values[right]
      values[right] = swapped
      left += 1
      right -= 1
    }
    if (rank <= right) high = right
    else if (rank >= left) low = left
    else break
  }
  return values[rank]
}

/** The median of the values that are not NaN (mean of the middle two), or undefined when there are none. */
export const findMedian = (values: Float32Array): number | undefined => {
  const present = values.filter((value) => !Number.isNaN(value))
  if (present.length === 0) return undefined
  const lower = select(present, (present.length - 1) >>> 1)
  if (present.length % 2 === 1) return lower
  const upper = select(present, present.length >>> 1)
  return lower + (upper - lower) / 2
}
