import type { LakeColumn } from '../../ports/lake.ts'

/**
 * Numbers the combinations of two columns' values, so that the same pair has the same code in every set of columns
 * given. A missing value has no group: -1.
 */
export function createGroups() {
  const first = new Map<string | number, number>()
  const second = new Map<string | number, number>()
  const groups = new Map<number, number>()
  const stride = 2 ** 26
  return {
    get size() {
      return groups.size
    },
    codes([a, b]: readonly [LakeColumn, LakeColumn]): Int32Array {
      const left = numberValues(a, first)
      const right = numberValues(b, second)
      return left.map((code, row) => {
        if (code < 0 || right[row] < 0) return -1
        const pair = code * stride + right[row]
        const known = groups.get(pair)
        if (known !== undefined) return known
        groups.set(pair, groups.size)
        return groups.size - 1
      })
    },
  }
}

function numberValues(column: LakeColumn, codeOf: Map<string | number, number>): Int32Array {
  const numberOf = (value: string | number) => {
    const known = codeOf.get(value)
    if (known !== undefined) return known
    codeOf.set(value, codeOf.size)
    return codeOf.size - 1
  }
  if (column.kind !== 'string') {
    return Int32Array.from(column.values, (value) => (Number.isNaN(value) ? -1 : numberOf(value)))
  }
  const shared = column.dictionary.map(numberOf)
  return column.codes.map((code) => (code < 0 ? -1 : shared[code]))
}
