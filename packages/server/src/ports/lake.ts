/**
 * The engine for columns at rest: SQL (DuckDB's dialect) over Parquet, CSV and NDJSON files, spilling to disk.
 *
 * Guarantees
 * - Statements run off the event loop. An aborted signal interrupts the running statement; the call rejects with
 *   the signal's reason (an `AbortError`).
 * - Calls may run at the same time. Tables made by `run` or `load` are seen by all of them and live as long as the
 *   lake is open: they are a cache, never the only copy.
 * - Results are deterministic only as far as the SQL is: order with ORDER BY, sum integers rather than floats. Equal
 *   rows in equal order give a byte-identical Parquet file.
 * - Sessions are in UTC. Nothing is fetched: no extension is installed or loaded, no URL is read.
 * - A failing statement is `lake.query_failed` with the engine's message; a file that does not exist or cannot be
 *   parsed is reported the same way and names the file.
 */
export interface Lake {
  /** Rows as objects: times as milliseconds, 64-bit integers and decimals as numbers. For small results only. */
  rows<Row extends object>(sql: string, options?: LakeOptions): Promise<Row[]>
  /** Whole columns as typed arrays, without an object per row. */
  columns(sql: string, options?: LakeOptions): Promise<LakeColumns>
  /**
   * The same in parts of about `rows` rows, in the order of the query: one part is in memory at a time, and the next is
   * read once `take` has resolved.
   */
  batches(
    sql: string,
    take: (part: LakeColumns) => Promise<void>,
    options?: LakeOptions & { rows?: number },
  ): Promise<void>
  /** Runs statements for their effect. */
  run(sql: string, options?: LakeOptions): Promise<void>
  /** Makes (or replaces) a table out of columns: DOUBLE, BOOLEAN, TIMESTAMP and VARCHAR, in the order of the rows. */
  load(table: string, columns: LakeColumns, options?: LakeOptions): Promise<void>
  /** Writes the query's result as one Parquet file (zstd) at `path`, atomically; returns the number of rows. */
  writeParquet(sql: string, path: string, options?: LakeOptions): Promise<number>
  close(): Promise<void>
}

export interface LakeOptions {
  signal?: AbortSignal
}

export interface LakeColumns {
  rows: number
  columns: LakeColumn[]
}

/** `number`: NaN where null. `timestamp`: milliseconds, NaN where null. `string`: dictionary codes, -1 where null. */
export type LakeColumn =
  | { name: string; kind: 'number' | 'boolean' | 'timestamp'; values: Float64Array }
  | { name: string; kind: 'string'; codes: Int32Array; dictionary: string[] }
