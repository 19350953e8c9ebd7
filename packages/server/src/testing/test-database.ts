import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Client } from 'pg'
import { createPostgresDatabase } from '../drivers/database/postgres.ts'
import { createSqliteDatabase } from '../drivers/database/sqlite.ts'
import type { Database } from '../ports/database.ts'

/**
 * An empty metadata database: a file in the folder, or a database of its own on PostgreSQL where the suite asks for
 * it (`MILLRACE_TEST_DATABASE=postgres`), so that one test proves the same on both. `close` removes the latter.
 */
export async function openTestDatabase(dir: string): Promise<Database> {
  if (process.env.MILLRACE_TEST_DATABASE !== 'postgres') {
    return createSqliteDatabase({ path: join(dir, 'metadata.db') })
  }
  const { url, drop } = await createPostgresTestDatabase()
  const db = createPostgresDatabase({ connectionString: url })
  return {
    ...db,
    async close() {
      await db.close()
      await drop()
    },
  }
}

/** An empty database on the PostgreSQL server of the services suite. */
export async function createPostgresTestDatabase() {
  const server = process.env.MILLRACE_TEST_POSTGRES_URL
  if (!server) throw new Error('MILLRACE_TEST_POSTGRES_URL is not set; use "npm run test:services"')
  const name = `test_${randomBytes(8).toString('hex')}`
  const url = new URL(server)
  url.pathname = name
  await administer(server, `create database ${name}`)
  return {
    url: url.href,
    /** Runs statements on a connection of their own. */
    query: (statements: string) => administer(url.href, statements),
    drop: () => administer(server, `drop database ${name} with (force)`),
  }
}

async function administer(connectionString: string, statements: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query(statements)
  } finally {
    await client.end()
  }
}
