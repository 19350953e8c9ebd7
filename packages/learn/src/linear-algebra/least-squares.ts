import {
  createMatrix,
  factorQr,
  type Matrix,
  multiplyQ,
  multiplyQTransposed,
  type Qr,
  solveUpper,
  solveUpperTransposed,
} from './qr.ts'

/** The number of columns that are independent: longer than `relative` × the longest, without those before. */
const findRank = ({ matrix: { rows, values }, heads }: Qr, relative: number): number => {
  const tolerance = relative * Math.abs(values[0] ?? 0)
  let rank = 0
  while (rank < heads.length && Math.abs(values[rank * rows + rank]) > tolerance) rank += 1
  return rank
}

/** The first `rank` rows of R, transposed. */
const transposeTop = ({ matrix: { rows, columns, values } }: Qr, rank: number): Matrix => {
  const transposed = createMatrix(columns, rank)
  for (let row = 0; row < rank; row += 1)
    for (let column = row; column < columns; column += 1)
      transposed.values[row * columns + column] = values[column * rows + row]
  return transposed
}

/**
 * The x with the least ‖A x - b‖, and of those the one with the least ‖x‖, by a complete orthogonal
 * decomposition (Golub & Van Loan, 5.5). What is left of a column beyond those before it counts as rounding if it
 * is shorter than ε × `size` × the longest column; `size` is the number of rows that A came from, or of columns if
 * there are more. Overwrites A and b.
 */
export const solveLeastSquares = (matrix: Matrix, target: Float64Array, size: number): Float64Array => {
  const { columns } = matrix
  const qr = factorQr(matrix, true)
  multiplyQTransposed(qr, target)
  const rank = findRank(qr, Number.EPSILON * size)
  const permuted = new Float64Array(columns)
  permuted.set(target.subarray(0, rank))
  if (rank === columns) solveUpper(qr, rank, permuted)
  else {
    const transposed = factorQr(transposeTop(qr, rank))
    solveUpperTransposed(transposed, rank, permuted)
    multiplyQ(transposed, permuted)
  }
  const solution = new Float64Array(columns)
  qr.pivots.forEach((column, place) => {
    solution[column] = permuted[place]
  })
  return solution
}

/** A over √alpha · I. */
const appendRidge = ({ rows, columns, values }: Matrix, alpha: number): Matrix => {
  const height = rows + columns
  const taller = createMatrix(height, columns)
  for (let column = 0; column < columns; column += 1) {
    taller.values.set(values.subarray(column * rows, (column + 1) * rows), column * height)
    taller.values[column * height + rows + column] = Math.sqrt(alpha)
  }
  return taller
}

const solveTallRidge = (matrix: Matrix, target: Float64Array, alpha: number): Float64Array => {
  const qr = factorQr(appendRidge(matrix, alpha))
  const longer = new Float64Array(qr.matrix.rows)
  longer.set(target)
  multiplyQTransposed(qr, longer)
  solveUpper(qr, matrix.columns, longer)
  return longer.slice(0, matrix.columns)
}

/**
 * The x with the least ‖A x - b‖² + alpha ‖x‖², alpha > 0, by QR of A over √alpha · I, which does not square the
 * condition of A as the normal equations do. Fewer rows than columns: x = Z u with Aᵀ = Z T, so that the work is
 * that of the rows (Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 18.3.5).
 */
export const solveRidge = (matrix: Matrix, target: Float64Array, alpha: number): Float64Array => {
  const { rows, columns, values } = matrix
  if (rows >= columns) return solveTallRidge(matrix, target, alpha)
  const wide = createMatrix(columns, rows)
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1)
      wide.values[row * columns + column] = values[column * rows + row]
  const qr = factorQr(wide)
  const solution = new Float64Array(columns)
  solution.set(solveTallRidge(transposeTop({ ...qr, matrix: topOf(qr, rows) }, rows), target, alpha))
  multiplyQ(qr, solution)
  return solution
}

/** R as a square matrix of its own. */
const topOf = ({ matrix }: Qr, size: number): Matrix => {
  const top = createMatrix(size, size)
  for (let column = 0; column < size; column += 1)
    top.values.set(
      matrix.values.subarray(column * matrix.rows, column * matrix.rows + column + 1),
      column * size,
    )
  return top
}
