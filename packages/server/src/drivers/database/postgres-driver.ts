import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { ManyRows } from '../../ports/database.ts'
import { insertManyOutside, insertManySql } from './insert-many.ts'
import { checkedParameter } from './parameters.ts'
import { isConnectionLost, isSerializationFailure, translatePostgresError } from './postgres-error.ts'
import { transactionFailed } from './translate-error.ts'

interface PostgresConnection extends DatabaseConnection {
  insertMany<Row>(insert: ManyRows): Promise<Row[]>
  insertNew(insert: ManyRows): Promise<number[]>
  client: PoolClient
  inTransaction: boolean
  /** The connection is lost and must not go back to the pool. */
  lost: boolean
}

/**
 * Every statement is serializable, also outside transactions: otherwise a single UPDATE could change what a
 * transaction has read. A statement that loses against another one is run again.
 */
export function createPostgresDriver({
  pool,
  busyTimeoutMs,
  transactions = 'isolation level serializable',
}: {
  pool: Pool
  busyTimeoutMs: number
  /** The characteristics of its transactions. */
  transactions?: string
}): Driver {
  const prepared = new WeakSet<PoolClient>()

  async function connect(): Promise<PoolClient> {
    const client = await pool.connect()
    if (prepared.has(client)) return client
    // A connection that breaks emits this besides failing its statements; without a listener it ends the process.
    client.on('error', () => undefined)
    try {
      await client.query(`set session characteristics as transaction ${transactions}`)
    } catch (error) {
      client.release(true)
      throw error
    }
    prepared.add(client)
    return client
  }

  async function run(connection: PostgresConnection, sql: string, parameters: readonly unknown[] = []) {
    try {
      return await connection.client.query(sql, [...parameters])
    } catch (error) {
      if (isConnectionLost(error)) connection.lost = true
      throw translatePostgresError(error)
    }
  }

  async function execute<Row>(
    connection: PostgresConnection,
    query: CompiledQuery,
  ): Promise<QueryResult<Row>> {
    const attempt = () => run(connection, query.sql, query.parameters.map(checkedParameter))
    const result = connection.inTransaction ? await attempt() : await retried(attempt, busyTimeoutMs)
    const changes = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(result.command)
    return { rows: result.rows, numAffectedRows: changes ? BigInt(result.rowCount ?? 0) : undefined }
  }

  return {
    init: async () => undefined,
    async acquireConnection() {
      const client = await connect().catch((error: unknown) => {
        throw translatePostgresError(error)
      })
      const connection: PostgresConnection = {
        client,
        inTransaction: false,
        lost: false,
        executeQuery: (query) => execute(connection, query),
        async insertMany<Row>(insert: ManyRows) {
          if (!connection.inTransaction) throw insertManyOutside()
          const text = insertManySql(insert, `select * from ${unnested(insert)}`)
          return (await run(connection, text, columnsOf(insert))).rows as Row[]
        },
        async insertNew(insert) {
          if (!connection.inTransaction) throw insertManyOutside()
          const names = Object.keys(insert.columns).join(', ')
          const key = insert.key.join(', ')
          const added = insertManySql({ ...insert, returning: insert.key }, `select ${names} from given`)
          const text =
            `with given (${names}, place) as (select * from ${unnested(insert)} with ordinality), ` +
            `added as (${added}) ` +
            `select min(place) as place from given join added using (${key}) group by ${key} order by 1`
          const { rows } = await run(connection, text, columnsOf(insert))
          return rows.map(({ place }: { place: number }) => place - 1)
        },
        streamQuery: () => {
          throw new TypeError('Queries are not streamed from the database; read page by page')
        },
      }
      return connection
    },
    async beginTransaction(connection: PostgresConnection, { isolationLevel }) {
      await run(connection, isolationLevel ? `begin isolation level ${isolationLevel}` : 'begin')
      connection.inTransaction = true
    },
    async commitTransaction(connection: PostgresConnection) {
      // PostgreSQL answers the commit of a failed transaction with a rollback instead of an error.
      if ((await run(connection, 'commit')).command === 'ROLLBACK') throw transactionFailed()
    },
    async rollbackTransaction(connection: PostgresConnection) {
      // With the connection the server has given up the transaction; the error of the loss is on its way already.
      if (!connection.lost) await run(connection, 'rollback')
    },
    async releaseConnection(connection: PostgresConnection) {
      connection.client.release(connection.lost)
    },
    destroy: () => pool.end(),
  }
}

/** Runs it again, after a growing random pause, while the database gives it up for a concurrent one. */
export async function retried<Result>(attempt: () => Promise<Result>, forMs: number): Promise<Result> {
  const deadline = performance.now() + forMs
  for (let delay = 2; ; delay = Math.min(delay * 2, 128)) {
    try {
      return await attempt()
    } catch (error) {
      if (!isSerializationFailure(error) || performance.now() > deadline) throw error
    }
    await sleep(delay * Math.random())
  }
}

/** The rows as the arrays of their columns, which go over as one parameter each. */
function columnsOf({ columns, rows }: ManyRows): unknown[][] {
  return Object.keys(columns).map((_, i) => rows.map((row) => checkedParameter(row[i])))
}

function unnested({ columns }: ManyRows): string {
  return `unnest(${Object.values(columns)
    .map((type, i) => `$${i + 1}::${type}[]`)
    .join(', ')})`
}
