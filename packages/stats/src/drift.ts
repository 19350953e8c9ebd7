import { adjustBenjaminiHochberg } from './benjamini-hochberg.ts'
import { requireBetween, requireInteger } from './checks.ts'
import { type ComparableCells, poolCells } from './comparable-cells.ts'
import { chiSquareTwoSample } from './count-tests.ts'
import { jensenShannonDivergence } from './distances.ts'
import { requireComparable } from './merge-profiles.ts'
import { type ColumnProfile, countRows } from './profile.ts'

export interface DriftColumn {
  readonly name: string
  readonly reference: ColumnProfile
  /** Must count the same cells as `reference`. */
  readonly current: ColumnProfile
}

export interface DriftOptions {
  /** Share of false alarms among the alarms that chance alone may cause, over all columns; default 0.05. */
  readonly alpha?: number
  /** Smallest Jensen-Shannon distance (0 to 0.83) that matters; default 0.1, about PSI 0.08. */
  readonly minEffect?: number
  /** Columns with fewer rows on either side are not tested; default 100. */
  readonly minRows?: number
}

export interface ColumnDrift {
  readonly name: string
  /** False if a side has too few rows: then drifted is false and p is 1 because nothing is known. */
  readonly tested: boolean
  /** Two-sample chi-square over the pooled cells. */
  readonly statistic: number
  readonly degreesOfFreedom: number
  readonly pValue: number
  /** Benjamini-Hochberg over the tested columns. */
  readonly adjustedP: number
  /** Jensen-Shannon distance with the part expected from sampling alone taken off; 0 to 0.83. */
  readonly effect: number
  readonly drifted: boolean
}

/**
 * Decides for each column whether current differs from reference: significantly (two-sample chi-square, false
 * discovery rate alpha over the columns) and by enough to matter (effect >= minEffect). A fixed threshold such as
 * PSI 0.1 alarms on about a third of unchanged windows of 200 rows; this does not, and at a million rows it does not
 * alarm on trifles either. Missing values, values out of range and unknown categories count as changes.
 *
 * Rows are taken as independent. If they are not (a storm delays a whole day), p is too small and minEffect is the
 * guard that remains. Rare cells are pooled, see `poolCells`.
 *
 * Throws TypeError if a column's two profiles count different cells, RangeError for options out of range.
 */
export function detectDrift(columns: readonly DriftColumn[], options: DriftOptions = {}): ColumnDrift[] {
  const { alpha = 0.05, minEffect = 0.1, minRows = 100 } = options
  requireBetween('alpha', alpha, [0, 1])
  requireBetween('minEffect', minEffect, [0, 1])
  requireInteger('minRows', minRows, 1)
  const tests = columns.map((column) => testColumn(column, minRows))
  const tested = tests.filter((test) => test.tested)
  const adjusted = adjustBenjaminiHochberg(tested.map((test) => test.pValue))
  const adjustedOf = new Map(tested.map((test, i) => [test, adjusted[i]]))
  return tests.map((test) => {
    const adjustedP = adjustedOf.get(test) ?? 1
    const drifted = test.tested && adjustedP <= alpha && test.effect >= minEffect
    return { ...test, adjustedP, drifted }
  })
}

type ColumnTest = Omit<ColumnDrift, 'adjustedP' | 'drifted'>

function testColumn({ name, reference, current }: DriftColumn, minRows: number): ColumnTest {
  requireComparable(reference, current, `current profile of column ${JSON.stringify(name)}`)
  if (Math.min(countRows(reference), countRows(current)) < minRows) {
    return { name, tested: false, statistic: 0, degreesOfFreedom: 0, pValue: 1, effect: 0 }
  }
  const cells = poolCells(reference, current)
  const test = chiSquareTwoSample(cells.reference, cells.current)
  return { name, tested: true, ...test, effect: correctedDistance(cells, test.degreesOfFreedom) }
}

/** Without drift the divergence is about (1/n + 1/m) chi2 / 8 (second-order expansion): its mean is taken off. */
function correctedDistance({ reference, current }: ComparableCells, degreesOfFreedom: number): number {
  const noise = (degreesOfFreedom * (1 / sum(reference) + 1 / sum(current))) / 8
  return Math.sqrt(Math.max(0, jensenShannonDivergence(reference, current) - noise))
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
