/**
 * Overwrites the lower triangle of a symmetric positive definite matrix, row after row, by its Cholesky factor L (Golub & Van
 * Loan, Matrix Computations, 4.2). Returns whether there is one.
 */
export const factorPositiveDefinite = (matrix: Float64Array, size: number): boolean => {
  for (let row = 0; row < size; row += 1) {
    const own = row * size
    for (let column = 0; column <= row; column += 1) {
      const other = column * size
      let sum = matrix[own + column]
      for (let at = 0; at < column; at += 1) sum -= matrix[own + at] * matrix[other + at]
      if (column < row) matrix[own + column] = sum / matrix[other + column]
      else if (sum > 0) matrix[own + row] = Math.sqrt(sum)
      else return false
    }
  }
  return true
}

/** Overwrites b by the x of L x = b. */
export const solveLower = (factor: Float64Array, vector: Float64Array): void => {
  const size = vector.length
  for (let row = 0; row < size; row += 1) {
    let sum = vector[row]
    for (let at = 0; at < row; at += 1) sum -= factor[row * size + at] * vector[at]
    vector[row] = sum / factor[row * size + row]
  }
}

/** Overwrites b by the x of Lᵀ x = b. */
export const solveLowerTransposed = (factor: Float64Array, vector: Float64Array): void => {
  const size = vector.length
  for (let row = size - 1; row >= 0; row -= 1) {
    const value = vector[row] / factor[row * size + row]
    vector[row] = value
    for (let at = 0; at < row; at += 1) vector[at] -= factor[row * size + at] * value
  }
}

/**
 * x of A x = b for a symmetric positive definite A. Reads the lower triangle of A, row after row, and overwrites it by the
 * factor, and b by x. Throws a RangeError if rounding has left A without a factor.
 */
export const solvePositiveDefinite = (matrix: Float64Array, vector: Float64Array): void => {
  if (!factorPositiveDefinite(matrix, vector.length))
    throw new RangeError('the equations have no unique solution; more regularization gives them one')
  solveLower(matrix, vector)
  solveLowerTransposed(matrix, vector)
}
