import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relativeError } from '../testing/frames.ts'
import { solvePositiveDefinite } from './cholesky.ts'
import { solveLeastSquares, solveRidge } from './least-squares.ts'
import { factorQr, type Matrix, multiplyQ, multiplyQTransposed } from './qr.ts'
import { decomposeSymmetric } from './symmetric-eigen.ts'

const matrixOf = (rows: number, columns: number, values: readonly number[]): Matrix => ({
  rows,
  columns,
  values: Float64Array.from(values.slice(0, rows * columns)),
})

const multiply = ({ rows, columns, values }: Matrix, vector: ArrayLike<number>): Float64Array => {
  const product = new Float64Array(rows)
  for (let column = 0; column < columns; column += 1)
    for (let row = 0; row < rows; row += 1) product[row] += values[column * rows + row] * vector[column]
  return product
}

const multiplyTransposed = ({ rows, columns, values }: Matrix, vector: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: columns }, (_, column) => {
    let sum = 0
    for (let row = 0; row < rows; row += 1) sum += values[column * rows + row] * vector[row]
    return sum
  })

const norm = (vector: Float64Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))

const size = fc.integer({ min: 1, max: 6 })
const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 36, maxLength: 36 })

describe('factorQr', () => {
  it('gives A P = Q R', () => {
    fc.assert(
      fc.property(size, size, numbers, fc.boolean(), (rows, columns, values, pivoting) => {
        const matrix = matrixOf(rows, columns, values)
        const qr = factorQr({ ...matrix, values: matrix.values.slice() }, pivoting)
        for (let column = 0; column < columns; column += 1) {
          const own = new Float64Array(rows)
          own.set(qr.matrix.values.subarray(column * rows, column * rows + Math.min(rows, column + 1)))
          multiplyQ(qr, own)
          const source = qr.pivots[column]
          own.forEach((value, row) => {
            expect(value).toBeCloseTo(matrix.values[source * rows + row], 9)
          })
        }
      }),
    )
  })

  it('has a Q that turns without stretching, and turns back', () => {
    fc.assert(
      fc.property(size, size, numbers, (rows, columns, values) => {
        const qr = factorQr(matrixOf(rows, columns, values))
        const vector = Float64Array.from(values.slice(0, rows))
        const turned = vector.slice()
        multiplyQTransposed(qr, turned)
        expect(norm(turned)).toBeCloseTo(norm(vector), 9)
        multiplyQ(qr, turned)
        turned.forEach((value, row) => {
          expect(value).toBeCloseTo(vector[row], 9)
        })
      }),
    )
  })
})

describe('solveLeastSquares', () => {
  it('leaves no residual that the columns could explain, and no part of x that they do not see', () => {
    fc.assert(
      fc.property(size, size, numbers, numbers, (rows, columns, values, target) => {
        const matrix = matrixOf(rows, columns, values)
        const wanted = Float64Array.from(target.slice(0, rows))
        const solution = solveLeastSquares(
          { ...matrix, values: matrix.values.slice() },
          wanted.slice(),
          Math.max(rows, columns),
        )
        const residual = multiply(matrix, solution).map((value, row) => value - wanted[row])
        multiplyTransposed(matrix, residual).forEach((slope) => {
          expect(slope).toBeCloseTo(0, 7)
        })
        // The x of least norm lies in the row space: solving again for A x gives it back.
        const again = solveLeastSquares(
          { ...matrix, values: matrix.values.slice() },
          multiply(matrix, solution),
          Math.max(rows, columns),
        )
        again.forEach((value, column) => {
          expect(value).toBeCloseTo(solution[column], 7)
        })
      }),
    )
  })
})

describe('solveRidge', () => {
  it('solves (AᵀA + alpha I) x = Aᵀ b, tall or wide', () => {
    fc.assert(
      fc.property(size, size, numbers, numbers, (rows, columns, values, target) => {
        const matrix = matrixOf(rows, columns, values)
        const wanted = Float64Array.from(target.slice(0, rows))
        const solution = solveRidge({ ...matrix, values: matrix.values.slice() }, wanted.slice(), 0.5)
        const left = multiplyTransposed(matrix, multiply(matrix, solution))
        multiplyTransposed(matrix, wanted).forEach((right, column) => {
          expect(left[column] + 0.5 * solution[column]).toBeCloseTo(right, 8)
        })
      }),
    )
  })
})

describe('solvePositiveDefinite', () => {
  it('solves A x = b', () => {
    const matrix = Float64Array.of(4, 0, 0, 2, 5, 0, 1, 3, 6)
    const vector = Float64Array.of(4 + 4 + 3, 2 + 10 + 9, 1 + 6 + 18)
    solvePositiveDefinite(matrix, vector)
    expect(relativeError(vector, [1, 2, 3])).toBeLessThan(1e-14)
  })

  it('refuses what is not definite', () => {
    expect(() => solvePositiveDefinite(Float64Array.of(1, 0, 2, 1), Float64Array.of(1, 1))).toThrow(
      'no unique solution',
    )
  })
})

describe('decomposeSymmetric', () => {
  it('gives A v = λ v, and vectors of length 1 at right angles', () => {
    fc.assert(
      fc.property(size, numbers, (count, values) => {
        const matrix = new Float64Array(count * count)
        for (let row = 0; row < count; row += 1)
          for (let column = 0; column < count; column += 1)
            matrix[row * count + column] = values[row * 6 + column] + values[column * 6 + row]
        const { values: eigenvalues, vectors } = decomposeSymmetric(matrix, count)
        eigenvalues.forEach((eigenvalue, own) => {
          const vector = vectors.subarray(own * count, (own + 1) * count)
          const image = multiply({ rows: count, columns: count, values: matrix }, vector)
          image.forEach((value, at) => {
            expect(value).toBeCloseTo(eigenvalue * vector[at], 9)
          })
          for (let other = 0; other < count; other += 1) {
            const products = vector.map((value, at) => value * vectors[other * count + at])
            expect(products.reduce((sum, value) => sum + value, 0)).toBeCloseTo(other === own ? 1 : 0, 10)
          }
        })
      }),
    )
  })
})
