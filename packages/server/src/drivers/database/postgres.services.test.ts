import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventStreamMigration } from '../../migrations/0009-event-stream.ts'
import { migrations } from '../../migrations/index.ts'
import { databaseContract } from '../../ports/testing/database.contract.ts'
import { eventStreamContract } from '../../ports/testing/event-stream.contract.ts'
import { createDatabaseEventStream } from '../event-stream/database.ts'
import { createPostgresDatabase } from './postgres.ts'

const url = process.env.MILLRACE_TEST_POSTGRES_URL
if (!url)
  throw new Error('MILLRACE_TEST_POSTGRES_URL is not set; run these tests with "npm run test:services"')

const admin = new Client({ connectionString: url })
const names = ['contract', 'events', 'schema', 'failures'].map((name) => `millrace_${name}`)

function open(name: string) {
  return createPostgresDatabase({ connectionString: `${url?.replace(/\/[^/]*$/, '')}/millrace_${name}` })
}

beforeAll(async () => {
  await admin.connect()
  for (const name of names) await admin.query(`drop database if exists ${name} with (force)`)
  for (const name of names) await admin.query(`create database ${name}`)
})
afterAll(() => admin.end())

databaseContract('postgres', () => open('contract'))

eventStreamContract('database on postgres', async () => {
  const db = open('events')
  await db.migrate([eventStreamMigration])
  return { stream: createDatabaseEventStream({ db }), close: db.close }
})

describe('postgres database', () => {
  it('takes every migration of the platform', async () => {
    const db = open('schema')
    await db.migrate(migrations)
    await db.migrate(migrations)
    await db.close()
  })

  it('reports a server that cannot be reached, and one that ends the connection', async () => {
    const nowhere = createPostgresDatabase({ connectionString: 'postgres://nobody@127.0.0.1:1/none' })
    await expect(nowhere.migrate([])).rejects.toMatchObject({ code: 'storage.unavailable', retryable: true })
    await nowhere.close()

    const db = open('failures')
    await db.migrate([])
    await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = 'millrace_failures'`,
    )
    const afterwards = async () => db.migrate([]).then(() => 'connected again')
    expect(await afterwards().catch(afterwards)).toBe('connected again')
    await db.close()
  })
})
