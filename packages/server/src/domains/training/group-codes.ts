import type { LakeColumn } from '../../ports/lake.ts'

/** More than the rows of any set, and its square is exact. */
const stride = 2 ** 26

/**
 * Numbers the combinations of the values of `width` columns, so that the same combination has the same code in every set
 * of columns given. Rows with a missing value have no group: -1.
 */
export function createGroups(width: number) {
  const values = Array.from({ length: width }, () => new Map<string | number, number>())
  const pairs = Array.from({ length: width }, () => new Map<number, number>())
  return {
    codes(columns: readonly LakeColumn[]): Int32Array {
      return columns
        .map((column, at) => numberValues(column, values[at]))
        .reduce((left, right, at) => numberPairs(left, right, pairs[at]))
    },
  }
}

function numberPairs(left: Int32Array, right: Int32Array, known: Map<number, number>): Int32Array {
  return left.map((code, row) =>
    code < 0 || right[row] < 0 ? -1 : numberOf(code * stride + right[row], known),
  )
}

function numberValues(column: LakeColumn, known: Map<string | number, number>): Int32Array {
  if (column.kind !== 'string') {
    return Int32Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : numberOf(value, known)))
  }
  const shared = column.dictionary.map((value) => numberOf(value, known))
  return column.codes.map((code) => (code < 0 ? -1 : shared[code]))
}

function numberOf<T>(value: T, known: Map<T, number>): number {
  const code = known.get(value)
  if (code !== undefined) return code
  known.set(value, known.size)
  return known.size - 1
}
