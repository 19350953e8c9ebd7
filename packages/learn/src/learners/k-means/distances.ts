/** Squared Euclidean distance of a row to a centre. */
export const squaredDistance = (
  values: Float32Array,
  row: number,
  centres: Float64Array,
  centre: number,
  width: number,
): number => {
  let sum = 0
  const from = row * width
  const to = centre * width
  for (let column = 0; column < width; column += 1) {
    const difference = values[from + column] - centres[to + column]
    sum += difference * difference
  }
  return sum
}

/**
 * For each centre the squared distance within which a row has no nearer centre: half the way to the next centre,
 * less what rounding may do.
 */
export const findReaches = (centres: Float64Array, width: number): Float64Array => {
  const count = centres.length / width
  const reaches = new Float64Array(count).fill(Infinity)
  for (let one = 0; one < count; one += 1)
    for (let other = 0; other < one; other += 1) {
      let square = 0
      for (let column = 0; column < width; column += 1)
        square += (centres[one * width + column] - centres[other * width + column]) ** 2
      reaches[one] = Math.min(reaches[one], square / 4)
      reaches[other] = Math.min(reaches[other], square / 4)
    }
  return reaches.map((reach) => reach * (1 - 1e-9))
}

/**
 * Overwrites, for each row, the nearest centre (the first one at ties) and the squared distance to it. A row within
 * the reach of the centre that it had keeps it without looking at the others (Elkan 2003).
 */
export const assignRows = (
  values: Float32Array,
  width: number,
  { centres, reaches }: { readonly centres: Float64Array; readonly reaches: Float64Array },
  clusters: Int32Array,
  squares: Float64Array,
): void => {
  const count = centres.length / width
  for (let row = 0; row < clusters.length; row += 1) {
    const before = clusters[row]
    const kept = squaredDistance(values, row, centres, before, width)
    let best = before
    let least = kept
    if (kept >= reaches[before]) {
      best = 0
      least = Infinity
      for (let centre = 0; centre < count; centre += 1) {
        const square = centre === before ? kept : squaredDistance(values, row, centres, centre, width)
        if (square < least) {
          least = square
          best = centre
        }
      }
    }
    clusters[row] = best
    squares[row] = least
  }
}
