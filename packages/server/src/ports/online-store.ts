/**
 * The newest feature values per entity key, for serving. A table is one version of a feature view.
 *
 * Guarantees
 * - A write never replaces values of a later event time; an equal event time is replaced (idempotent re-runs).
 * - write is atomic for all its rows and survives `kill -9` of this process once it resolves.
 * - read answers in the order of the lookups and their keys, `undefined` where there is nothing; it is one trip to the
 *   store, however many tables there are.
 */
export interface OnlineStore {
  /** Returns the number of rows that were taken: those that are not older than what was there. */
  write(table: string, rows: readonly OnlineRow[]): Promise<number>
  read(lookups: readonly OnlineLookup[]): Promise<(OnlineValue | undefined)[][]>
  /**
   * Removes the rows of a table with an event time before `time`, milliseconds; in steps, so that others are not held
   * up. A row that is replaced meanwhile stays. Returns the number of rows.
   */
  removeOlder(table: string, time: number): Promise<number>
  /** Forgets a table; no error if it does not exist. */
  drop(table: string): Promise<void>
  close(): Promise<void>
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

export interface OnlineRow extends OnlineValue {
  key: string
}
