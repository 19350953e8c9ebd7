/**
 * The newest feature values per entity key, for serving. A table is one version of a feature view.
 *
 * Guarantees
 * - A write never replaces values of a later event time. At an equal event time the row that is written replaces the one
 *   that is there, unless both have a time of creation and it was created earlier; or, with `greatest`, that one of the two remains which is the greater by `isGreaterRow`: then the
 *   order of writes makes no difference.
 * - write is atomic for all its rows and survives `kill -9` of this process once it resolves.
 * - read answers in the order of the lookups and their keys, `undefined` where there is nothing; it is one trip to the
 *   store, however many tables there are.
 */
export interface OnlineStore {
  /** Returns the number of rows that were taken; those that are older than what was there are not. */
  write(table: string, rows: readonly OnlineRow[], options?: WriteOptions): Promise<number>
  read(lookups: readonly OnlineLookup[]): Promise<(OnlineValue | undefined)[][]>
  /**
   * Removes the rows of a table with an event time before `time`, milliseconds; in steps, so that others are not held
   * up. A row that is replaced meanwhile stays. Returns the number of rows.
   */
  removeOlder(table: string, time: number): Promise<number>
  /** The number of keys of a table; 0 if it does not exist. */
  count(table: string): Promise<number>
  /** Forgets a table, in steps, so that others are not held up; no error if it does not exist. */
  drop(table: string): Promise<void>
  close(): Promise<void>
}

export interface WriteOptions {
  /** Which row counts of two with an equal event time. Default: `replace`. */
  ties?: 'replace' | 'greatest'
}

/** Keys wanted of a table. */
export interface OnlineLookup {
  table: string
  keys: readonly string[]
}

export interface OnlineValue {
  /** Milliseconds, to the microsecond. */
  eventTime: number
  /** In the order of the view's features; timestamps as milliseconds; null = missing. */
  values: readonly OnlineCell[]
}

export type OnlineCell = string | number | boolean | null

/** A row to write, with its values or already packed. */
export type OnlineRow = UnpackedRow | PackedRow

export interface UnpackedRow extends OnlineValue {
  key: string
  /** When it was created, milliseconds, in tables where that decides between rows of one event time; null = missing. */
  created?: number | null
}

interface PackedRow {
  key: string
  eventTime: number
  /** As `packRow` makes it. */
  content: Uint8Array
}
