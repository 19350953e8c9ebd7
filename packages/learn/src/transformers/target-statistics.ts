/** What is encoded: for each row a number to average, and its weight. */
export interface EncodedTarget {
  readonly values: Float64Array
  readonly weights: Float64Array | undefined
}

/** Means of the target by category; index `categories` is for missing. */
export interface CategoryMeans {
  readonly means: Float64Array
  /** The mean of all rows, for what is unknown. */
  readonly overall: number
}

/**
 * Smoothed means of the target for the codes 0 … categories − 1 and −1. With a number, (sum + smooth × overall mean) /
 * (count + smooth). With 'auto', λ × mean + (1 − λ) × overall mean, where λ = σ² n / (σ² n + s²), n the rows of the
 * category, s² the variance in it and σ² that of the target (empirical Bayes; Micci-Barreca 2001, as scikit-learn's
 * TargetEncoder). A category without rows has the overall mean.
 */
export const findCategoryMeans = (
  { codes, categories }: { readonly codes: Int32Array; readonly categories: number },
  { values, weights }: EncodedTarget,
  rows: ArrayLike<number>,
  smooth: number | 'auto',
): CategoryMeans => {
  const counts = new Float64Array(categories + 1)
  const sums = new Float64Array(categories + 1)
  const squares = new Float64Array(categories + 1)
  const each = (visit: (place: number, value: number, weight: number) => void): void => {
    for (let index = 0; index < rows.length; index += 1) {
      const row = rows[index]
      visit(
        codes[row] === -1 ? categories : codes[row],
        values[row],
        weights === undefined ? 1 : weights[row],
      )
    }
  }
  let total = 0
  let sum = 0
  each((place, value, weight) => {
    counts[place] += weight
    sums[place] += weight * value
    total += weight
    sum += weight * value
  })
  const overall = sum / total
  let variance = 0
  each((place, value, weight) => {
    const distance = value - sums[place] / counts[place]
    if (weight > 0) squares[place] += weight * distance * distance
    variance += (weight * (value - overall) ** 2) / total
  })
  const means = counts.map((count, place) => {
    if (count === 0) return overall
    if (smooth !== 'auto') return (sums[place] + smooth * overall) / (count + smooth)
    const between = variance * count
    const share = between / (between + squares[place] / count)
    return Number.isNaN(share) ? overall : share * (sums[place] / count) + (1 - share) * overall
  })
  return { means, overall }
}
