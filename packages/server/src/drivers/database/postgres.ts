import {
  type ColumnDefinitionNode,
  DataTypeNode,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  RawNode,
  sql,
} from 'kysely'
import { Pool, types } from 'pg'
import type { Database } from '../../ports/database.ts'
import { insertMany, insertNew } from './insert-many.ts'
import { applyMigrations } from './migrate.ts'
import { createPostgresDriver, retried } from './postgres-driver.ts'
import { takePostgresLock } from './postgres-lock.ts'
import { createTransactionScope } from './transaction-scope.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database` */
  connectionString: string
  /** Connections of the pool; 10 by default. */
  maxConnections?: number
  /** How long a transaction that loses against concurrent ones is tried again, milliseconds; 15,000 by default. */
  busyTimeoutMs?: number
}

/** Any number that all versions of the platform agree on: who holds this lock may migrate. */
const migrationLock = 6_155_472_231

/** Connections for long reads, besides those of the pool. */
const longReaders = 4

/** Text is compared by code points, as in SQLite, whatever the language of the database. */
class CodePointCompiler extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const { dataType } = node
    const isText = DataTypeNode.is(dataType) && dataType.dataType === 'text'
    super.visitColumnDefinition(
      isText ? { ...node, dataType: RawNode.createWithSql('text collate "C"') } : node,
    )
  }
}

/** The metadata database for several machines. PostgreSQL 14 or newer; a pooler in between must keep sessions. */
export function createPostgresDatabase(options: PostgresOptions): Database {
  const { connectionString, maxConnections = 10, busyTimeoutMs = 15_000 } = options
  const poolOptions = {
    connectionString,
    connectionTimeoutMillis: 10_000,
    application_name: 'millrace',
    types: { getTypeParser },
  }
  const pool = new Pool({ ...poolOptions, max: maxConnections })
  // An idle connection that breaks is replaced by the pool; the next statement that cannot get one reports it.
  pool.on('error', () => undefined)
  const scope = createTransactionScope()
  const kysely = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => createPostgresDriver({ pool, busyTimeoutMs }),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new CodePointCompiler(),
    },
  })

  // Not serializable: long reads would make writers fail that they have nothing to do with.
  const readingPool = new Pool({ ...poolOptions, max: longReaders })
  readingPool.on('error', () => undefined)
  const reading = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () =>
        createPostgresDriver({
          pool: readingPool,
          busyTimeoutMs,
          transactions: 'isolation level repeatable read, read only',
        }),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new CodePointCompiler(),
    },
  })

  async function transaction<Tables, Result>(
    work: (trx: Kysely<Tables>) => Promise<Result>,
  ): Promise<Result> {
    scope.assertOutside('A transaction')
    const typed = kysely as Kysely<Tables>
    return retried(() => scope.run(() => typed.transaction().execute(work)), busyTimeoutMs)
  }

  return {
    dialect: 'postgres',
    tables: <Tables>() => kysely as Kysely<Tables>,
    longReads: <Tables>() => reading as Kysely<Tables>,
    transaction,
    insertMany,
    insertNew,
    async migrate(migrations) {
      // Not serializable: the snapshot would be taken before the lock is held and miss what the holder did.
      const migrating = kysely.transaction().setIsolationLevel('read committed')
      await migrating.execute(async (trx) => {
        await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(trx)
        await applyMigrations(trx, migrations)
      })
    },
    lock: (name) => takePostgresLock(connectionString, name),
    async close() {
      await kysely.destroy()
      await reading.destroy()
      // Kysely ends a pool only if a statement ever ran.
      for (const each of [pool, readingPool]) if (!each.ending) await each.end()
    },
  }
}

/** 64-bit integers and the sums of them (`numeric`) are numbers, as in SQLite. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  const { INT8, NUMERIC } = types.builtins
  if (format !== 'binary' && (oid === INT8 || oid === NUMERIC)) return toNumber
  return format === 'binary' ? types.getTypeParser(oid, 'binary') : types.getTypeParser(oid, 'text')
}

function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RangeError(`${text} is too large to be represented as a JavaScript number`)
  }
  return value
}
