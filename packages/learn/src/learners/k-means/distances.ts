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

/** Overwrites, for each row, the nearest centre (the first one at ties) and the squared distance to it. */
export const assignRows = (
  values: Float32Array,
  width: number,
  centres: Float64Array,
  clusters: Int32Array,
  squares: Float64Array,
): void => {
  const count = centres.length / width
  for (let row = 0; row < clusters.length; row += 1) {
    let best = 0
    let least = Infinity
    for (let centre = 0; centre < count; centre += 1) {
      const square = squaredDistance(values, row, centres, centre, width)
      if (square < least) {
        least = square
        best = centre
      }
    }
    clusters[row] = best
    squares[row] = least
  }
}
