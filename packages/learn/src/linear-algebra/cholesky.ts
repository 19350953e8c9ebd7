/**
 * x of A x = b for a symmetric positive definite A (Golub & Van Loan, Matrix Computations, 4.2). Reads the lower
 * triangle of A, row after row, and overwrites it by the factor, and b by x. Throws a RangeError if rounding has
 * left A without a factor.
 */
export const solvePositiveDefinite = (matrix: Float64Array, vector: Float64Array): void => {
  const size = vector.length
  for (let row = 0; row < size; row += 1) {
    const own = row * size
    for (let column = 0; column <= row; column += 1) {
      const other = column * size
      let sum = matrix[own + column]
      for (let at = 0; at < column; at += 1) sum -= matrix[own + at] * matrix[other + at]
      if (column < row) matrix[own + column] = sum / matrix[other + column]
      else if (sum > 0) matrix[own + row] = Math.sqrt(sum)
      else throw new RangeError('the equations have no unique solution; more regularization gives them one')
    }
  }
  for (let row = 0; row < size; row += 1) {
    for (let at = 0; at < row; at += 1) vector[row] -= matrix[row * size + at] * vector[at]
    vector[row] /= matrix[row * size + row]
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let at = row + 1; at < size; at += 1) vector[row] -= matrix[at * size + row] * vector[at]
    vector[row] /= matrix[row * size + row]
  }
}
