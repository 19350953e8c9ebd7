import type { ColumnProfile } from './profile.ts'

/** Chi-square's rule of thumb (Cochran 1954) for its p-value to hold. */
const MIN_EXPECTED = 5

interface Cell {
  readonly reference: number
  readonly current: number
}

/** Counts of two windows over the same cells, none so rare that a chi-square test would be wrong. */
export interface ComparableCells {
  readonly reference: number[]
  readonly current: number[]
}

/**
 * Pools the cells of two comparable profiles until each expects at least five rows on the smaller side: neighbouring
 * bins of a numeric column together, rare categories and missing values together. The choice depends on the pooled
 * counts alone, so that it favours neither side. A new category or an empty reference bin thus cannot alarm by one
 * row, but does by many.
 */
export function poolCells(reference: ColumnProfile, current: ColumnProfile): ComparableCells {
  const rows = [reference.count + reference.missing, current.count + current.missing]
  const wanted = (MIN_EXPECTED * (rows[0] + rows[1])) / Math.min(rows[0], rows[1])
  const bins = pairCells(reference.counts, current.counts)
  const loose = pairCells(looseCounts(reference), looseCounts(current))
  const cells =
    reference.kind === 'numeric'
      ? poolRare(poolNeighbours(bins, wanted), loose, wanted)
      : poolRare([], [...bins, ...loose], wanted)
  return { reference: cells.map((cell) => cell.reference), current: cells.map((cell) => cell.current) }
}

function looseCounts(profile: ColumnProfile): number[] {
  return profile.kind === 'numeric' ? [profile.missing] : [profile.other, profile.missing]
}

function pairCells(reference: readonly number[], current: readonly number[]): Cell[] {
  return reference.map((count, i) => ({ reference: count, current: current[i] }))
}

function poolNeighbours(cells: readonly Cell[], wanted: number): Cell[] {
  const pooled: Cell[] = []
  let open: Cell = { reference: 0, current: 0 }
  for (const cell of cells) {
    open = add(open, cell)
    if (size(open) < wanted) continue
    pooled.push(open)
    open = { reference: 0, current: 0 }
  }
  if (size(open) > 0) pooled.push(add(open, pooled.pop()))
  return pooled
}

function poolRare(kept: readonly Cell[], cells: readonly Cell[], wanted: number): Cell[] {
  const pooled = [...kept, ...cells.filter((cell) => size(cell) >= wanted)]
  const rare = cells.filter((cell) => size(cell) < wanted).reduce(add, { reference: 0, current: 0 })
  if (size(rare) === 0) return pooled
  if (size(rare) >= wanted || pooled.length === 0) return [...pooled, rare]
  const smallest = pooled.reduce((least, cell, i) => (size(cell) < size(pooled[least]) ? i : least), 0)
  return pooled.map((cell, i) => (i === smallest ? add(cell, rare) : cell))
}

function add(a: Cell, b: Cell | undefined): Cell {
  return b === undefined ? a : { reference: a.reference + b.reference, current: a.current + b.current }
}

function size(cell: Cell): number {
  return cell.reference + cell.current
}
