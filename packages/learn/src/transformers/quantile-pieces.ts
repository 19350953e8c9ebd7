/** A line that begins at each knot. */
export interface Pieces {
  readonly knots: readonly number[]
  readonly at: readonly number[]
  readonly after: readonly number[]
  readonly slopes: readonly number[]
}

/**
 * The share of the rows below x as pieces of lines. A value that is several quantiles at once has the middle of their
 * shares, the least one 0 and the greatest 1; between two values the line goes from the last share of the one to the
 * first of the other.
 */
export const toPieces = (quantiles: Float32Array, shares: Float64Array): Pieces => {
  const knots: number[] = []
  const first: number[] = []
  const last: number[] = []
  quantiles.forEach((quantile, index) => {
    if (index > 0 && quantile === knots[knots.length - 1]) last[last.length - 1] = shares[index]
    else {
      knots.push(quantile)
      first.push(shares[index])
      last.push(shares[index])
    }
  })
  const end = knots.length - 1
  const slopes = knots.map((knot, index) =>
    index === end ? 0 : (first[index + 1] - last[index]) / (knots[index + 1] - knot),
  )
  const at = knots.map((_, index) => {
    if (index === 0) return 0
    return index === end ? 1 : (first[index] + last[index]) / 2
  })
  return { knots, at, after: last, slopes }
}
