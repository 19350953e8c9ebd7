/** A checked binary target: 0 or 1 for each row. */
export type BinaryTarget = { readonly labels: Uint8Array; readonly positives: number }

/**
 * Checks that every value is 0 or 1 (false and true are not accepted: they would hide a wrong column).
 * Throws a RangeError that names the first bad row; NaN, null and 2 are all bad.
 */
export const checkLabels = (values: ArrayLike<number>, rows: number): BinaryTarget => {
  if (values.length !== rows)
    throw new RangeError(`the target has ${values.length} values for ${rows} rows; they must be equal`)
  const labels = new Uint8Array(rows)
  let positives = 0
  for (let row = 0; row < rows; row += 1) {
    const value = values[row]
    if (value !== 0 && value !== 1)
      throw new RangeError(`the target must be 0 or 1; row ${row} holds ${String(value)}`)
    labels[row] = value
    positives += value
  }
  return { labels, positives }
}

/** As {@link checkLabels}, and both classes must occur: nothing can be learnt from a constant target. */
export const checkTrainingTarget = (values: ArrayLike<number>, rows: number): BinaryTarget => {
  if (rows === 0) throw new RangeError('the frame is empty; training needs rows')
  const target = checkLabels(values, rows)
  if (target.positives === 0 || target.positives === rows)
    throw new RangeError(
      `the target is ${target.positives === 0 ? 0 : 1} in all ${rows} rows; training needs both`,
    )
  return target
}
