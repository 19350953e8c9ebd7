/**
 * Rows of a query on a database that belongs to others: it is only read.
 *
 * Guarantees
 * - The query runs in one transaction that reads one moment and cannot write; the connection is closed when the rows
 *   are read, are left, or the signal is aborted.
 * - Batches are bounded by a number of rows: memory does not grow with the result.
 * - Values come as text that loses nothing; times are in UTC, ISO 8601; booleans are `true` and `false`.
 * - What cannot be connected to, or the database refuses, is `query.failed` with its reason and never with the URL.
 */
export interface QuerySource {
  read(input: QueryInput, options?: { signal?: AbortSignal }): AsyncIterable<QueryBatch>
}

export interface QueryInput {
  /** With the password: it must not be logged. */
  url: string
  query: string
  /** Only rows in which the column is at least this value (milliseconds of a time, or a whole number), or null. */
  from?: { column: string; value: bigint; isTime: boolean }
}

/** Rows of a result, each a list of values in the order of the columns. The first batch may have none. */
export interface QueryBatch {
  columns: readonly { name: string; type: QueryColumnType }[]
  rows: readonly (readonly (string | null)[])[]
}

/** `other`: what is only text here. */
export type QueryColumnType = 'integer' | 'number' | 'boolean' | 'time' | 'text' | 'other'
