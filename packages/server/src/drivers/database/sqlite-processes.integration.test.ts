import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, describe, expect, it } from 'vitest'
import type { Migration } from '../../ports/database.ts'
import { startWriter } from '../testing/crash.ts'
import { createSqliteDatabase } from './sqlite.ts'

interface Tables {
  lines: { writer: string; number: number; half: number }
  totals: { id: number; total: number }
}

const migration: Migration = {
  id: '0001-lines',
  async up(db) {
    await sql`create table lines (writer text, number bigint, half bigint)`.execute(db)
    await sql`create table totals (id bigint primary key, total bigint)`.execute(db)
    await sql`insert into totals values (1, 0)`.execute(db)
  },
}

/** Writes pairs of lines in transactions that read and then write the total; tells each one after its commit. */
const writer = `
import { createSqliteDatabase } from './sqlite.ts'
const [path, name, count] = process.argv.slice(1)
const db = createSqliteDatabase({ path })
for (let number = 0; number < Number(count); number++) {
  await db.transaction(async (trx) => {
    const { total } = await trx.selectFrom('totals').select('total').executeTakeFirstOrThrow()
    await trx.insertInto('lines').values({ writer: name, number, half: 1 }).execute()
    await trx.insertInto('lines').values({ writer: name, number, half: 2 }).execute()
    await trx.updateTable('totals').set({ total: total + 1 }).execute()
  })
  console.log(number)
}
await db.close()
`

const folder = mkdtempSync(join(tmpdir(), 'millrace-processes-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function create(name: string) {
  const path = join(folder, name)
  const db = createSqliteDatabase({ path })
  await db.migrate([migration])
  return { path, db }
}

describe('sqlite database and other processes', () => {
  it('has every acknowledged transaction, whole, after the writer was killed', async () => {
    const { path, db } = await create('killed.db')
    const child = startWriter(writer, import.meta.url, [path, 'child', '1000000'])
    await child.written(200)
    const acknowledged = await child.kill()
    const rows = await db.tables<Tables>().selectFrom('lines').selectAll().orderBy('number').execute()
    const { total } = await db.tables<Tables>().selectFrom('totals').select('total').executeTakeFirstOrThrow()
    expect(acknowledged.length).toBeGreaterThanOrEqual(200)
    expect(total).toBeGreaterThanOrEqual(acknowledged.length)
    expect(rows).toHaveLength(2 * total)
    await db.close()
  })

  it('lets several processes read and write the same rows without losing an update or failing', async () => {
    const { path, db } = await create('shared.db')
    const children = ['a', 'b'].map((name) => startWriter(writer, import.meta.url, [path, name, '150']))
    await Promise.all(children.map((child) => child.written(1)))
    for (let i = 0; i < 50; i++) {
      await db.transaction(async (trx: Kysely<Tables>) => {
        await trx
          .updateTable('totals')
          .set((e) => ({ total: e('total', '+', 1) }))
          .execute()
      })
    }
    expect(await Promise.all(children.map((child) => child.ended))).toEqual([0, 0])
    const { total } = await db.tables<Tables>().selectFrom('totals').select('total').executeTakeFirstOrThrow()
    expect(total).toBe(350)
    await db.close()
  })

  it('tells that another process keeps the database locked, and works again afterwards', async () => {
    const { path, db } = await create('locked.db')
    const impatient = createSqliteDatabase({ path, busyTimeoutMs: 20 })
    await db.transaction(async (trx: Kysely<Tables>) => {
      await trx.updateTable('totals').set({ total: 1 }).execute()
      const refused = impatient.tables<Tables>().updateTable('totals').set({ total: 2 }).execute()
      await expect(refused).rejects.toMatchObject({
        code: 'storage.unavailable',
        retryable: true,
        message: expect.stringContaining(path),
      })
      const read = await impatient.tables<Tables>().selectFrom('totals').select('total').executeTakeFirst()
      expect(read).toEqual({ total: 0 })
    })
    await impatient.tables<Tables>().updateTable('totals').set({ total: 3 }).execute()
    await impatient.close()
    await db.close()
  })
})

describe('sqlite database on a full disk', () => {
  it('tells where, undoes the transaction and stays readable', async () => {
    const { path, db } = await create('full.db')
    await sql`pragma max_page_count = 12`.execute(db.tables())
    const filling = db.transaction(async (trx: Kysely<Tables>) => {
      for (let number = 0; number < 10_000; number++) {
        await trx
          .insertInto('lines')
          .values({ writer: 'x'.repeat(100), number, half: 1 })
          .execute()
      }
    })
    await expect(filling).rejects.toMatchObject({ code: 'storage.full', details: { what: path } })
    expect(await db.tables<Tables>().selectFrom('lines').selectAll().execute()).toEqual([])
    await db.close()
  })
})
