import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import { lockFile } from '../../kernel/file-lock.ts'
import type { Database } from '../../ports/database.ts'
import { insertMany, insertNew } from './insert-many.ts'
import { applyMigrations } from './migrate.ts'
import { createSqliteDriver } from './sqlite-driver.ts'
import { createSqliteLongReads } from './sqlite-long-reads.ts'
import { createTransactionScope } from './transaction-scope.ts'

export interface SqliteOptions {
  /** The database file; its folder is made if needed. */
  path: string
  /** How long a writer waits for one in another process, milliseconds; 15,000 by default. */
  busyTimeoutMs?: number
}

/** Kysely would let one caller in at a time, readers too; the driver does better. */
class ConcurrentSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }
}

/**
 * The metadata database in one file, for one machine and several processes on it. It is opened by the first
 * statement. Integers beyond 2^53 are refused when read (`RangeError`) instead of rounded.
 */
export function createSqliteDatabase({ path, busyTimeoutMs = 15_000 }: SqliteOptions): Database {
  const scope = createTransactionScope()
  const kysely = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new ConcurrentSqliteAdapter(),
      createDriver: () => createSqliteDriver({ path, busyTimeoutMs, scope }),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })

  const reading = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new ConcurrentSqliteAdapter(),
      createDriver: () => createSqliteLongReads({ path, busyTimeoutMs }),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  })

  async function transaction<Tables, Result>(
    work: (trx: Kysely<Tables>) => Promise<Result>,
  ): Promise<Result> {
    scope.assertOutside('A transaction')
    return scope.run(() => (kysely as Kysely<Tables>).transaction().execute(work))
  }

  return {
    dialect: 'sqlite',
    tables: <Tables>() => kysely as Kysely<Tables>,
    longReads: <Tables>() => reading as Kysely<Tables>,
    transaction,
    insertMany,
    insertNew,
    migrate: (migrations) => transaction((trx: Kysely<unknown>) => applyMigrations(trx, migrations)),
    async lock(name) {
      const lock = lockFile(`${path}.${name}.lock`)
      return lock && { lost: new Promise(() => {}), release: async () => lock.release() }
    },
    async close() {
      await reading.destroy()
      await kysely.destroy()
    },
  }
}
