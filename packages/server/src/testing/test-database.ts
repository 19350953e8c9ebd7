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
  const { MILLRACE_TEST_DATABASE: driver, MILLRACE_TEST_POSTGRES_URL: url } = process.env
  if (driver !== 'postgres') return createSqliteDatabase({ path: join(dir, 'metadata.db') })
  if (!url) throw new Error('MILLRACE_TEST_POSTGRES_URL is not set; run these with "npm run test:services"')
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(url, `create database ${name}`)
  const connection = new URL(url)
  connection.pathname = name
  const db = createPostgresDatabase({ connectionString: connection.href })
  return {
    ...db,
    async close() {
      await db.close()
      await administer(url, `drop database ${name} with (force)`)
    },
  }
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
