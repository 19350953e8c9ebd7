import { createMatrix, factorQr, type Matrix } from '../../linear-algebra/qr.ts'

/** The columns of a regression: √weight × (value - centre) for each row. */
export interface Regressors {
  readonly features: readonly Float32Array[]
  readonly target: Float64Array
  readonly weights: Float64Array
  readonly means: Float64Array
  /** The means, or 0 without an intercept. */
  readonly centres: Float64Array
  readonly targetCentre: number
}

/**
 * A matrix and a target with the same least squares as all rows, but few: the triangle of a QR of the rows so far
 * is put over the next rows, and so on. Memory does not grow with the rows.
 */
export const condense = (
  { features, target, weights, centres, targetCentre }: Regressors,
  throwIfAborted: () => void,
): { matrix: Matrix; target: Float64Array } => {
  const rows = target.length
  const width = features.length + 1
  const capacity = Math.min(rows, width + Math.max(1024, 4 * width))
  let matrix = createMatrix(capacity, width)
  let filled = 0
  for (let begin = 0; begin < rows; ) {
    throwIfAborted()
    const count = Math.min(capacity - filled, rows - begin)
    for (let column = 0; column < width; column += 1) {
      const values = column === width - 1 ? target : features[column]
      const centre = column === width - 1 ? targetCentre : centres[column]
      const at = column * capacity + filled - begin
      for (let row = begin; row < begin + count; row += 1)
        matrix.values[at + row] = Math.sqrt(weights[row]) * (values[row] - centre)
    }
    begin += count
    filled += count
    if (begin === rows) break
    matrix = keepTriangle(factorQr(matrix).matrix)
    filled = width
  }
  return split(matrix, filled)
}

const keepTriangle = ({ rows, columns, values }: Matrix): Matrix => {
  for (let column = 0; column < columns; column += 1)
    values.fill(0, column * rows + Math.min(rows, column + 1), (column + 1) * rows)
  return { rows, columns, values }
}

const split = (
  { rows, columns, values }: Matrix,
  filled: number,
): { matrix: Matrix; target: Float64Array } => {
  const matrix = createMatrix(filled, columns - 1)
  for (let column = 0; column < columns - 1; column += 1)
    matrix.values.set(values.subarray(column * rows, column * rows + filled), column * filled)
  const last = (columns - 1) * rows
  return { matrix, target: values.slice(last, last + filled) }
}
