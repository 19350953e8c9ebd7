import type { LakeOptions } from '../../../ports/lake.ts'

/** The rows of a source for the lake: relations with exactly the columns of the schema, in its types. */
export interface RowReader {
  /** A row that cannot be read fails the statement. */
  relation: string
  /** Without the rows that cannot be read; absent where none can be passed over. */
  accepted?: string
  /**
   * Writes the rows that cannot be read as a Parquet file: `file` (path here), `line` (from 1, where known), `column`,
   * `reason`, `text` (as it stands there).
   */
  collectRejected?(path: string, options: LakeOptions): Promise<void>
}
