import type { Schema } from '@millrace/protocol'
import type { Lake } from '../../../ports/lake.ts'
import type { ExpectationResult } from '../validation.ts'
import type { Kwargs } from './kwargs.ts'
import type { Ref, Scan } from './scan.ts'

/** A column of the judged relation; `sql` is its quoted name. */
export interface ColumnUse {
  name: string
  type: Schema[string]
  sql: string
}

/** Gives what the scan found. */
export type Read = (ref: Ref) => unknown

/** Judges each row: GX's map expectations. SQL speaks of one row of `batch`. */
export interface RowRule {
  /** The values that a sample shows, in the shape that GX gives them: one value, a pair, or a record by name. */
  shown: ColumnUse[]
  shape: 'value' | 'pair' | 'record'
  /** The number of rows that are judged, as an aggregate; absent: all. The others are counted as missing. */
  judgedCount?: string
  /** Boolean, true for the rows that are judged and fail; for others false or null. */
  unexpected: string
  /** The number of such rows, where there is a cheaper way than to try each. */
  count?(read: Read): number
  /** Whether the result tells how many values are missing. */
  countsMissing: boolean
}

/** Judges values of the table as a whole. */
export interface ValueRule {
  judge(read: Read, environment: Environment): Judgement | Promise<Judgement>
}

export type Judgement = Pick<ExpectationResult, 'success' | 'result'>

/** What lies outside of the rows that are judged. */
export interface Environment {
  lake: Pick<Lake, 'rows'>
  /** Milliseconds. */
  now: number
  /** The relation that is judged. */
  relation: string
  columns: Schema
  /** The newest version of another dataset. @throws `dataset.version_not_found` */
  rowsOf(dataset: string): Promise<number>
  /** The version before; undefined for the first one. */
  findPrevious(): Promise<PreviousVersion | undefined>
  signal?: AbortSignal
}

export interface PreviousVersion {
  version: string
  rows: number
  columns: Schema
  relation: string
}

/** Reads the kwargs of one type of expectation and says what to compute. @throws `definition.invalid` */
export type Compile = (kwargs: Kwargs, scan: Scan) => RowRule | ValueRule
