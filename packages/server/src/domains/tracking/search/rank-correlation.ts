/**
 * Spearman's rank correlation of the pairs whose first part is there, equal values having the mean of their ranks.
 * @returns null for fewer than three pairs, or if either side is constant
 */
export function rankCorrelation(a: readonly (number | null)[], b: readonly number[]): number | null {
  const pairs = a.flatMap((x, i) => (x === null ? [] : [[x, b[i]] as const]))
  if (pairs.length < 3) return null
  return correlation(ranksOf(pairs.map(([x]) => x)), ranksOf(pairs.map(([, y]) => y)))
}

/** From 0 on, equal values having the mean of their ranks. */
export function ranksOf(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j])
  const ranks = new Array<number>(values.length).fill(0)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end + 1 < order.length && values[order[end + 1]] === values[order[start]]) end++
    for (let i = start; i <= end; i++) ranks[order[i]] = (start + end) / 2
    start = end + 1
  }
  return ranks
}

/** Pearson's, of numbers without missing values. */
function correlation(x: readonly number[], y: readonly number[]): number | null {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(x), mean(y)]
  let [xy, xx, yy] = [0, 0, 0]
  for (let i = 0; i < x.length; i++) {
    xy += (x[i] - meanX) * (y[i] - meanY)
    xx += (x[i] - meanX) ** 2
    yy += (y[i] - meanY) ** 2
  }
  return xx === 0 || yy === 0 ? null : Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)))
}
