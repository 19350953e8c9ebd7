import type { BinnedTable } from '../binned-table.ts'
import type { Arena } from '../kernels/arena.ts'
import type { KernelMemory } from '../kernels/kernels.ts'

/** What the threads of a forest share; plain data, with addresses into the memory and arrays that are shared. */
export interface ForestWork {
  readonly memory: KernelMemory
  readonly table: BinnedTable
  /** 'numbers': sums of numbers (variance; Gini of two classes). 'classes': the weight of each class. */
  readonly sums: 'numbers' | 'classes'
  /** The number of classes; 0 if numbers are learnt. */
  readonly classes: number
  /** A number, or the code of a class, for each row. */
  readonly target: Float64Array
  readonly weights?: Float64Array
  readonly rules: ForestRules
  /** Memory of each member of the team. */
  readonly members: readonly MemberMemory[]
}

export interface ForestRules {
  readonly maxDepth: number
  readonly minSamplesSplit: number
  readonly minSamplesLeaf: number
  readonly tried: number
  readonly minImpurityDecrease: number
  /** How many rows are drawn with replacement; 0: all, once. */
  readonly drawn: number
  readonly entropy: boolean
  /** Whether the cut of a column of numbers is drawn rather than searched (extra trees). */
  readonly randomCuts: boolean
  readonly seed: number
}

/** Addresses. */
export interface MemberMemory {
  readonly rows: number
  readonly left: number
  readonly right: number
  /** Two int32 for each row: gradient and hessian, or class and weight. */
  readonly payload: number
  readonly histogram: number
  readonly sides: number
}

/** Bytes of an entry of a histogram. */
export const entryBytes = ({ sums, classes }: Pick<ForestWork, 'sums' | 'classes'>): number =>
  sums === 'numbers' ? 16 : 4 * (classes + 1)

export const takeMemberMemory = (arena: Arena, table: BinnedTable, entry: number): MemberMemory => {
  const widest = Math.max(...table.features.map(({ bins }) => bins))
  return {
    rows: arena.take(table.rows * 4),
    left: arena.take(table.rows * 4),
    right: arena.take(table.rows * 4),
    payload: arena.take(table.rows * 8),
    histogram: arena.take(widest * entry),
    sides: arena.take(65_536),
  }
}
