import type { Kysely } from 'kysely'

/**
 * The metadata database. One set of stores and one set of migrations run on every driver.
 *
 * Guarantees
 * - A committed transaction survives `kill -9` of the process.
 * - Several processes may open the same database; a writer waits for another one (up to the driver's busy time)
 *   instead of failing. Past that it fails with `storage.unavailable` (retryable).
 * - `transaction` is a write transaction from its first statement: what it reads cannot change before it commits,
 *   so read-then-write needs no further locks. It is retried by the driver on serialization failure; `work` must
 *   therefore have no effects outside the database.
 * - Once a statement of a transaction has failed, every later one and the commit fail too (`storage.rejected`): avoid
 *   conflicts with `onConflict` instead of catching them.
 * - A transaction within a transaction is a `TypeError`: it would wait for itself.
 * - A unique or primary key violation is `storage.conflict`, a full disk `storage.full`, a statement that no repetition
 *   would make succeed `storage.rejected`, everything else `storage.unavailable`; the vendor's error is the `cause`.
 *
 * Columns: text (compared and ordered by its UTF-8 bytes), integer (64 bit, read as JavaScript number), real (double),
 * JSON as text. Times are integers in milliseconds. Booleans are integers 0 and 1; other types and NaN are a
 * `TypeError`, U+0000 in a text is `request.invalid`, an integer beyond 2^53 is a `RangeError` when read.
 */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres'
  /** A query builder that sees the tables of `Tables`; each store declares its own. */
  tables<Tables>(): Kysely<Tables>
  /**
   * A query builder for reads that may take long, such as searches: they do not hold up the event loop. It can only
   * read (a change is `storage.rejected`), has no transactions, and sees what was committed before a statement began.
   */
  longReads<Tables>(): Kysely<Tables>
  transaction<Tables, Result>(work: (trx: Kysely<Tables>) => Promise<Result>): Promise<Result>
  /**
   * Inserts many rows within a transaction, many times faster than a statement that carries them all. Two rows of one
   * call may share their key only where nothing is updated.
   * @param trx what `transaction` gives; anything else is a `TypeError`
   * @returns for every row that was inserted or updated its columns `returning`, in no promised order
   */
  insertMany<Tables, Row>(trx: Kysely<Tables>, insert: ManyRows): Promise<Row[]>
  /**
   * As insertMany, for rows that change nothing where their key exists.
   * @returns those of the rows that were inserted, in the order given
   */
  insertNew<Tables, Row extends ManyRows['rows'][number]>(
    trx: Kysely<Tables>,
    insert: NewRows<Row>,
  ): Promise<Row[]>
  /** Brings the schema up to date; safe when several processes call it at once. Fails on an unknown newer schema. */
  migrate(migrations: readonly Migration[]): Promise<void>
  /**
   * Takes the lock of that name, for which one process at a time can be the holder. It ends with the process, however
   * that ends; `close` does not give it back.
   * @returns undefined if there is a holder already, in this process or another one.
   */
  lock(name: string): Promise<DatabaseLock | undefined>
  close(): Promise<void>
}

/** Names are trusted: they come from code. */
export interface ManyRows {
  table: string
  /** Types by name, in the order of the values of each row. */
  columns: Readonly<Record<string, 'text' | 'bigint' | 'double precision'>>
  rows: readonly (readonly (string | number | null)[])[]
  /** The columns of a unique key: rows whose key exists change nothing but what `update` says. */
  key: readonly string[]
  /** SQL by column, in which `excluded.x` is a value of the new row and `<table>.x` one of the old row. */
  update?: Readonly<Record<string, string>>
  returning?: readonly string[]
}

export type NewRows<Row> = Pick<ManyRows, 'table' | 'columns' | 'key'> & { rows: readonly Row[] }

export interface DatabaseLock {
  /** Resolves when another process has become the holder, which is possible after the connection was lost. */
  readonly lost: Promise<void>
  release(): Promise<void>
}

/** One append-only step of the schema: `id` is its number and name, e.g. `0001-definitions`. */
export interface Migration {
  readonly id: string
  up(db: Kysely<unknown>): Promise<void>
}
