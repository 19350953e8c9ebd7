import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventStreamMigration } from '../../migrations/0009-event-stream.ts'
import { migrations } from '../../migrations/index.ts'
import { databaseContract } from '../../ports/testing/database.contract.ts'
import { eventStreamContract } from '../../ports/testing/event-stream.contract.ts'
import { createDatabaseEventStream } from '../event-stream/database.ts'
import { startWriter } from '../testing/crash.ts'
import { createPostgresDatabase } from './postgres.ts'

const url = process.env.MILLRACE_TEST_POSTGRES_URL
if (!url)
  throw new Error('MILLRACE_TEST_POSTGRES_URL is not set; run these tests with "npm run test:services"')

const admin = new Client({ connectionString: url })
const names = ['contract', 'events', 'schema', 'failures'].map((name) => `millrace_${name}`)

const urlOf = (name: string) => `${url.replace(/\/[^/]*$/, '')}/millrace_${name}`
const open = (name: string) => createPostgresDatabase({ connectionString: urlOf(name) })
const holder = `
import { createPostgresDatabase } from './postgres.ts'
const [connectionString, name] = process.argv.slice(1)
const lock = await createPostgresDatabase({ connectionString }).lock(name)
console.log(lock ? 'held' : 'taken')
`

beforeAll(async () => {
  await admin.connect()
  for (const name of names) await admin.query(`drop database if exists ${name} with (force)`)
  for (const name of names) await admin.query(`create database ${name}`)
})
afterAll(() => admin.end())

databaseContract('postgres', {
  open: () => open('contract'),
  lockElsewhere: (name) => startWriter(holder, import.meta.url, [urlOf('contract'), name]),
})

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

  describe('whose connections are ended', () => {
    const holders = async () => {
      const { rows } = await admin.query<{ pid: number }>(
        `select pid from pg_locks join pg_stat_activity using (pid)
         where locktype = 'advisory' and granted and application_name = 'millrace broken'`,
      )
      return rows.map(({ pid }) => pid)
    }
    const endHolder = () =>
      admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'millrace broken'`,
      )

    it('takes its lock again', async () => {
      const db = open('failures')
      const lock = await db.lock('broken')
      const before = await holders()
      await endHolder()
      const another = async () => (await holders()).some((pid) => !before.includes(pid))
      await expect.poll(another, { interval: 5, timeout: 10_000 }).toBe(true)
      expect(await db.lock('broken')).toBeUndefined()
      await lock?.release()
      const next = await db.lock('broken')
      expect(next).toBeDefined()
      await next?.release()
      await db.close()
    })

    it('tells that another one has become the holder meanwhile', async () => {
      const db = open('failures')
      const lock = await db.lock('broken')
      const waiting = new Client({ connectionString: urlOf('failures') })
      await waiting.connect()
      const taken = waiting.query(`select pg_advisory_lock(hashtextextended('millrace/public/broken', 0))`)
      await endHolder()
      await taken
      await lock?.lost
      await lock?.release()
      expect(await db.lock('broken')).toBeUndefined()
      await waiting.end()
      await db.close()
    })
  })
})
