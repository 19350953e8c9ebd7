/** A dense matrix, column after column. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly values: Float64Array
}

export const createMatrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
})

/** A · P = Q · R: R in the upper triangle of `matrix`, the Householder vectors below and in `heads`. */
export interface Qr {
  readonly matrix: Matrix
  /** The first component of each Householder vector. */
  readonly heads: Float64Array
  /** 2 / ‖v‖² of each Householder vector; 0 where nothing had to be reflected. */
  readonly factors: Float64Array
  /** Column j of A · P is column `pivots[j]` of A. */
  readonly pivots: Int32Array
}

const swapColumns = ({ rows, values }: Matrix, a: number, b: number): void => {
  const kept = values.slice(a * rows, (a + 1) * rows)
  values.copyWithin(a * rows, b * rows, (b + 1) * rows)
  values.set(kept, b * rows)
}

const squaredNorm = (values: Float64Array, begin: number, end: number): number => {
  let sum = 0
  for (let at = begin; at < end; at += 1) sum += values[at] * values[at]
  return sum
}

const movePivot = (matrix: Matrix, pivots: Int32Array, step: number): void => {
  const { rows, columns, values } = matrix
  let best = step
  let bestNorm = -1
  for (let column = step; column < columns; column += 1) {
    const norm = squaredNorm(values, column * rows + step, (column + 1) * rows)
    if (norm > bestNorm) {
      bestNorm = norm
      best = column
    }
  }
  if (best === step) return
  swapColumns(matrix, step, best)
  const kept = pivots[step]
  pivots[step] = pivots[best]
  pivots[best] = kept
}

/**
 * Householder's QR (Golub & Van Loan, Matrix Computations, 5.2), with the pivoting of columns (5.4) if wanted.
 * Overwrites the matrix.
 */
export const factorQr = (matrix: Matrix, pivoting = false): Qr => {
  const { rows, columns, values } = matrix
  const steps = Math.min(rows, columns)
  const heads = new Float64Array(steps)
  const factors = new Float64Array(steps)
  const pivots = Int32Array.from({ length: columns }, (_, column) => column)
  for (let step = 0; step < steps; step += 1) {
    if (pivoting) movePivot(matrix, pivots, step)
    const top = step * rows + step
    const end = (step + 1) * rows
    const below = squaredNorm(values, top + 1, end)
    if (below === 0) continue
    const first = values[top]
    const norm = Math.sqrt(first * first + below)
    const head = first > 0 ? first + norm : first - norm
    heads[step] = head
    factors[step] = 2 / (head * head + below)
    values[top] = first > 0 ? -norm : norm
    for (let column = step + 1; column < columns; column += 1) {
      const shift = (column - step) * rows
      let dot = head * values[top + shift]
      for (let at = top + 1; at < end; at += 1) dot += values[at] * values[at + shift]
      dot *= factors[step]
      values[top + shift] -= dot * head
      for (let at = top + 1; at < end; at += 1) values[at + shift] -= dot * values[at]
    }
  }
  return { matrix, heads, factors, pivots }
}

const reflect = (
  { matrix: { rows, values }, heads, factors }: Qr,
  step: number,
  vector: Float64Array,
): void => {
  if (factors[step] === 0) return
  const column = step * rows
  let dot = heads[step] * vector[step]
  for (let row = step + 1; row < rows; row += 1) dot += values[column + row] * vector[row]
  dot *= factors[step]
  vector[step] -= dot * heads[step]
  for (let row = step + 1; row < rows; row += 1) vector[row] -= dot * values[column + row]
}

/** Overwrites a vector b of as many rows by Qᵀ b. */
export const multiplyQTransposed = (qr: Qr, vector: Float64Array): void => {
  for (let step = 0; step < qr.heads.length; step += 1) reflect(qr, step, vector)
}

/** Overwrites a vector b of as many rows by Q b. */
export const multiplyQ = (qr: Qr, vector: Float64Array): void => {
  for (let step = qr.heads.length - 1; step >= 0; step -= 1) reflect(qr, step, vector)
}

/** x of R x = b for the upper left `rank` rows and columns of R; overwrites the first of `vector`. */
export const solveUpper = ({ matrix: { rows, values } }: Qr, rank: number, vector: Float64Array): void => {
  for (let column = rank - 1; column >= 0; column -= 1) {
    vector[column] /= values[column * rows + column]
    for (let row = 0; row < column; row += 1) vector[row] -= vector[column] * values[column * rows + row]
  }
}

/** x of Rᵀ x = b for the upper left `rank` rows and columns of R; overwrites the first of `vector`. */
export const solveUpperTransposed = (
  { matrix: { rows, values } }: Qr,
  rank: number,
  vector: Float64Array,
): void => {
  for (let column = 0; column < rank; column += 1) {
    for (let row = 0; row < column; row += 1) vector[column] -= vector[row] * values[column * rows + row]
    vector[column] /= values[column * rows + column]
  }
}
