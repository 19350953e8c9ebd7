/** Of a symmetric matrix: its eigenvalues, and row after row the eigenvector of each. */
export interface SymmetricEigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

const mostSweeps = 60

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations in cyclic order (Golub & Van Loan, Matrix
 * Computations, 8.5). Leaves the matrix as it is.
 */
export const decomposeSymmetric = (matrix: Float64Array, size: number): SymmetricEigen => {
  const a = matrix.slice()
  const vectors = new Float64Array(size * size)
  for (let row = 0; row < size; row += 1) vectors[row * size + row] = 1
  for (let sweep = 0; sweep < mostSweeps; sweep += 1) {
    let off = 0
    let total = 0
    for (let row = 0; row < size; row += 1)
      for (let column = 0; column <= row; column += 1) {
        const square = a[row * size + column] ** 2
        total += square
        if (column < row) off += square
      }
    if (off <= 1e-30 * total) break
    for (let p = 0; p < size; p += 1)
      for (let q = p + 1; q < size; q += 1) {
        const pivot = a[p * size + q]
        if (pivot === 0) continue
        const tau = (a[q * size + q] - a[p * size + p]) / (2 * pivot)
        const tangent = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau))
        const cosine = 1 / Math.sqrt(1 + tangent * tangent)
        const sine = tangent * cosine
        for (let at = 0; at < size; at += 1) {
          const left = a[at * size + p]
          const right = a[at * size + q]
          a[at * size + p] = cosine * left - sine * right
          a[at * size + q] = sine * left + cosine * right
        }
        for (let at = 0; at < size; at += 1) {
          const upper = a[p * size + at]
          const lower = a[q * size + at]
          a[p * size + at] = cosine * upper - sine * lower
          a[q * size + at] = sine * upper + cosine * lower
          const first = vectors[p * size + at]
          const second = vectors[q * size + at]
          vectors[p * size + at] = cosine * first - sine * second
          vectors[q * size + at] = sine * first + cosine * second
        }
      }
  }
  return { values: Float64Array.from({ length: size }, (_, at) => a[at * size + at]), vectors }
}
