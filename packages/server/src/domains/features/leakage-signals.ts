import type { LakeColumn } from '../../ports/lake.ts'

/** Fewer rows say nothing. */
const fewest = 30
/** A number with more values is no class. */
const mostClasses = 20
const bins = 50

/** Share of the rows that have both where the feature is the label; 0 for too few rows or a label that is constant. */
export function equalShare(feature: LakeColumn, label: LakeColumn): number {
  const [a, b] = [readerOf(feature), readerOf(label)]
  const rows = rowsOf(label)
  let both = 0
  let equal = 0
  const seen = new Set<string | number>()
  for (let row = 0; row < rows; row++) {
    const [x, y] = [a(row), b(row)]
    if (x === null || y === null) continue
    both++
    if (seen.size < 2) seen.add(y)
    if (x === y) equal++
  }
  return both < fewest || seen.size < 2 ? 0 : equal / both
}

/**
 * How much of the label one feature alone tells, 0 to 1. Classes: by how much the share of wrong guesses falls when
 * one guesses the most frequent class of each value (or of each fiftieth of the values) instead of the most frequent
 * of all. Numbers: the square of Spearman's rank correlation. 0 where too few rows have both.
 */
export function determination(feature: LakeColumn, label: LakeColumn): number {
  const [x, y] = [readerOf(feature), readerOf(label)]
  const rows: number[] = []
  const classes = new Map<string | number, number>()
  for (let row = 0; row < rowsOf(label); row++) {
    const value = y(row)
    if (value === null || x(row) === null) continue
    rows.push(row)
    classes.set(value, (classes.get(value) ?? 0) + 1)
  }
  if (rows.length < fewest || classes.size < 2) return 0
  if (label.kind !== 'number' || classes.size <= mostClasses) {
    const groups = groupsOf(feature, rows)
    if (!groups) return 0
    const base = Math.max(...classes.values()) / rows.length
    return (purity(groups, rows, y) - base) / (1 - base)
  }
  if (feature.kind === 'string') return 0
  return spearman(rows.map(x) as number[], rows.map(y) as number[]) ** 2
}

type Reader = (row: number) => number | string | null

function readerOf(column: LakeColumn): Reader {
  if (column.kind === 'string') {
    const { codes, dictionary } = column
    return (row) => (codes[row] < 0 ? null : dictionary[codes[row]])
  }
  const { values } = column
  return (row) => (Number.isNaN(values[row]) ? null : values[row])
}

function rowsOf(column: LakeColumn): number {
  return column.kind === 'string' ? column.codes.length : column.values.length
}

/** A group per row: its value if there are few, else the fiftieth of the numbers it is in; undefined for many texts. */
function groupsOf(feature: LakeColumn, rows: readonly number[]): (number | string)[] | undefined {
  const read = readerOf(feature)
  const values = rows.map((row) => read(row) ?? 0)
  if (new Set(values).size <= rows.length / 20) return values
  if (feature.kind === 'string') return undefined
  const sorted = (values as number[]).toSorted((a, b) => a - b)
  const bounds = Array.from(
    { length: bins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)],
  )
  return (values as number[]).map((value) => {
    let low = 0
    let high = bounds.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (bounds[middle] <= value) low = middle + 1
      else high = middle
    }
    return low
  })
}

function purity(groups: readonly (number | string)[], rows: readonly number[], label: Reader): number {
  const counts = new Map<number | string, Map<number | string, number>>()
  for (const [i, group] of groups.entries()) {
    const of = counts.get(group) ?? new Map<number | string, number>()
    counts.set(group, of)
    const value = label(rows[i]) ?? 0
    of.set(value, (of.get(value) ?? 0) + 1)
  }
  let right = 0
  for (const of of counts.values()) right += Math.max(...of.values())
  return right / rows.length
}

function spearman(x: readonly number[], y: readonly number[]): number {
  const [a, b] = [ranksOf(x), ranksOf(y)]
  const mean = (x.length - 1) / 2
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] - mean, b[i] - mean]
    ab += p * q
    aa += p * p
    bb += q * q
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

/** Ranks from 0; equal values share the mean of theirs. */
function ranksOf(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => values[a] - values[b])
  const ranks = new Float64Array(values.length)
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]] === values[order[start]]) end++
    for (let i = start; i < end; i++) ranks[order[i]] = (start + end - 1) / 2
    start = end
  }
  return ranks
}
