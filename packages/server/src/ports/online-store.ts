/**
 * The newest feature values per entity key, for serving. A table is one version of a feature view.
 *
 * Guarantees
 * - A write never replaces values of a later event time; an equal event time is replaced (idempotent re-runs).
 * - write is atomic for all its rows and survives `kill -9` once it resolves.
 * - read answers in the order of `keys`, `undefined` where there is nothing.
 */
export interface OnlineStore {
  write(table: string, rows: readonly OnlineRow[]): Promise<void>
  read(table: string, keys: readonly string[]): Promise<(OnlineValue | undefined)[]>
  /** Forgets a table; no error if it does not exist. */
  drop(table: string): Promise<void>
  close(): Promise<void>
}

export interface OnlineValue {
  /** Milliseconds. */
  eventTime: number
  /** In the order of the view's features; timestamps as milliseconds; null = missing. */
  values: readonly (string | number | boolean | null)[]
}

export interface OnlineRow extends OnlineValue {
  key: string
}
