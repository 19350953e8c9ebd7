import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Writer } from '../../drivers/testing/crash.ts'
import type { Database, ManyRows, Migration } from '../database.ts'

interface Tables {
  counters: { name: string; value: number; ratio: number | null; note: string | null }
}

const countersMigration: Migration = {
  id: '0001-counters',
  async up(db) {
    await db.schema
      .createTable('counters')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('value', 'bigint', (c) => c.notNull())
      .addColumn('ratio', 'double precision')
      .addColumn('note', 'text')
      .execute()
  },
}

const row = (name: string, value = 0) => ({ name, value, ratio: null, note: null })

/**
 * What every metadata database must do. `open` opens one more connection to the same, at first empty database, as
 * another process would; `lockElsewhere` starts a process that takes the lock of that name and says "held" or "taken".
 */
export function databaseContract(
  name: string,
  { open, lockElsewhere }: { open: () => Database; lockElsewhere: (lock: string) => Writer },
): void {
  describe(`database contract: ${name}`, () => {
    let db: Database
    let other: Database
    const counters = () => db.tables<Tables>()
    const value = async (counter: string) =>
      (await counters().selectFrom('counters').select('value').where('name', '=', counter).executeTakeFirst())
        ?.value

    beforeAll(async () => {
      db = open()
      other = open()
      await Promise.all([db.migrate([countersMigration]), other.migrate([countersMigration])])
    })
    beforeEach(() => counters().deleteFrom('counters').execute())
    afterAll(() => Promise.all([db.close(), other.close()]))

    describe('values', () => {
      it('gives back text, integers and doubles as they were written', async () => {
        const written = { name: 'ü€𝄞', value: Number.MAX_SAFE_INTEGER, ratio: 0.1 + 0.2, note: '{"a":5}' }
        await counters().insertInto('counters').values(written).execute()
        await counters().insertInto('counters').values(row('negative', -3)).execute()
        const rows = await counters().selectFrom('counters').selectAll().orderBy('value').execute()
        expect(rows).toEqual([row('negative', -3), written])
      })

      it('orders and compares text by code points, whatever the language of the database', async () => {
        const names = ['Z', '_', 'a', 'a-b', 'ab', 'b', 'ä', '𝄞']
        await counters()
          .insertInto('counters')
          .values([...names].reverse().map((name) => row(name)))
          .execute()
        const all = counters().selectFrom('counters').select('name').orderBy('name')
        expect((await all.execute()).map(({ name }) => name)).toEqual(names)
        expect((await all.where('name', '<', 'a').execute()).map(({ name }) => name)).toEqual(['Z', '_'])
      })

      it('reads counts and sums of integers as numbers', async () => {
        await counters()
          .insertInto('counters')
          .values([row('a', 2), row('b', 3)])
          .execute()
        const totals = await counters()
          .selectFrom('counters')
          .select((e) => [e.fn.countAll<number>().as('rows'), e.fn.sum<number>('value').as('sum')])
          .executeTakeFirstOrThrow()
        expect(totals).toEqual({ rows: 2, sum: 5 })
      })

      it('refuses integers that a JavaScript number cannot hold', async () => {
        await sql`insert into counters (name, value) values ('big', 9007199254740993)`.execute(counters())
        await expect(value('big')).rejects.toThrow(RangeError)
      })

      it.each([true, undefined, Number.NaN, { a: 1 }])('refuses to bind %s', async (bad) => {
        const query = sql`update counters set note = ${bad}`.execute(counters())
        await expect(query).rejects.toThrow(TypeError)
      })

      it('refuses text that not every engine can store', async () => {
        const query = counters().insertInto('counters').values(row('a\0b')).execute()
        await expect(query).rejects.toMatchObject({ code: 'request.invalid' })
      })

      it('tells how many rows a statement changed', async () => {
        await counters()
          .insertInto('counters')
          .values([row('a'), row('b')])
          .execute()
        const result = await counters().updateTable('counters').set({ value: 1 }).executeTakeFirst()
        expect(result.numUpdatedRows).toBe(2n)
      })
    })

    describe('errors', () => {
      it('reports a taken key as a conflict that names the table', async () => {
        const insert = () => counters().insertInto('counters').values(row('twice')).execute()
        await insert()
        await expect(insert()).rejects.toMatchObject({
          code: 'storage.conflict',
          message: expect.stringContaining('counters'),
        })
      })

      it('reports a refused statement with the reason of the engine', async () => {
        await expect(sql`select * from no_such_table`.execute(counters())).rejects.toMatchObject({
          code: 'storage.rejected',
          message: expect.stringContaining('no_such_table'),
        })
        const incomplete = sql`insert into counters (name) values ('x')`.execute(counters())
        await expect(incomplete).rejects.toMatchObject({ code: 'storage.rejected' })
      })
    })

    describe('insertMany', () => {
      const insert = (rows: ManyRows['rows']): ManyRows => ({
        table: 'counters',
        columns: { name: 'text', value: 'bigint', ratio: 'double precision', note: 'text' },
        rows,
        key: ['name'],
        returning: ['name', 'value'],
      })
      const insertMany = (many: ManyRows) =>
        db.transaction((trx: Kysely<Tables>) => db.insertMany<Tables, object>(trx, many))

      it('inserts rows whose key is new and tells which', async () => {
        await counters().insertInto('counters').values(row('a', 1)).execute()
        const rows = [
          ['a', 5, null, null],
          ['b', -6, 0.5, 'ü'],
          ['b', 7, 0.5, 'again'],
          ['c', Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY, '{1,"}'],
        ]
        const written = await insertMany(insert(rows))
        expect(written).toHaveLength(2)
        expect(written).toEqual(
          expect.arrayContaining([
            { name: 'b', value: -6 },
            { name: 'c', value: Number.MAX_SAFE_INTEGER },
          ]),
        )
        const stored = await counters().selectFrom('counters').selectAll().orderBy('name').execute()
        expect(stored).toEqual([
          row('a', 1),
          { name: 'b', value: -6, ratio: 0.5, note: 'ü' },
          { name: 'c', value: Number.MAX_SAFE_INTEGER, ratio: Number.POSITIVE_INFINITY, note: '{1,"}' },
        ])
        expect(await insertMany(insert(rows))).toEqual([])
        expect(await insertMany(insert([]))).toEqual([])
      })

      it('gives back the rows that are new, in their order', async () => {
        await counters().insertInto('counters').values(row('a', 1)).execute()
        const rows = [
          ['c', 3, null, 'first'],
          ['a', 5, 0.5, null],
          ['c', 4, null, 'second'],
          ['b', -6, 1e300, null],
        ]
        const { table, columns, key } = insert([])
        const insertNew = () =>
          db.transaction((trx: Kysely<Tables>) => db.insertNew(trx, { table, columns, key, rows }))
        expect(await insertNew()).toEqual([rows[0], rows[3]])
        expect(await insertNew()).toEqual([])
        const stored = await counters()
          .selectFrom('counters')
          .select(['name', 'note'])
          .orderBy('name')
          .execute()
        expect(stored).toEqual([
          { name: 'a', note: null },
          { name: 'b', note: null },
          { name: 'c', note: 'first' },
        ])
      })

      it('updates rows whose key exists', async () => {
        const update = { value: 'counters.value + excluded.value', note: 'excluded.note' }
        const rows = (value: number) => ['a', 'b'].map((name) => [name, value, null, String(value)])
        await insertMany({ ...insert(rows(2)), update })
        const written = await insertMany({ ...insert(rows(3)), update })
        expect(written).toEqual(
          expect.arrayContaining([
            { name: 'a', value: 5 },
            { name: 'b', value: 5 },
          ]),
        )
        const stored = await counters().selectFrom('counters').selectAll().where('name', '=', 'a').execute()
        expect(stored).toEqual([{ name: 'a', value: 5, ratio: null, note: '3' }])
      })

      it('takes tens of thousands of rows, all or none', async () => {
        const rows = Array.from({ length: 20_000 }, (_, i) => [`n${i}`, i, i / 2, null])
        const failing = db.transaction(async (trx: Kysely<Tables>) => {
          await db.insertMany(trx, insert(rows))
          throw new Error('changed my mind')
        })
        await expect(failing).rejects.toThrow('changed my mind')
        expect(await value('n7')).toBeUndefined()
        expect(await insertMany(insert(rows))).toHaveLength(20_000)
        expect(await value('n19999')).toBe(19_999)
      })

      it('refuses values that no column has, and to run outside of a transaction', async () => {
        await expect(insertMany(insert([['a', Number.NaN, null, null]]))).rejects.toThrow(TypeError)
        await expect(insertMany(insert([['a\0', 1, null, null]]))).rejects.toMatchObject({
          code: 'request.invalid',
        })
        await expect(db.insertMany(counters(), insert([['a', 1, null, null]]))).rejects.toThrow(TypeError)
        expect(await value('a')).toBeUndefined()
      })
    })

    describe('transactions', () => {
      it('shows nothing before and everything after the commit', async () => {
        await db.transaction(async (trx: Kysely<Tables>) => {
          await trx.insertInto('counters').values(row('a')).execute()
          expect(await value('a')).toBeUndefined()
        })
        expect(await value('a')).toBe(0)
      })

      it('undoes everything when the work throws, and passes its error on', async () => {
        const failing = db.transaction(async (trx: Kysely<Tables>) => {
          await trx.insertInto('counters').values(row('a')).execute()
          throw new Error('changed my mind')
        })
        await expect(failing).rejects.toThrow('changed my mind')
        expect(await value('a')).toBeUndefined()
        await counters().insertInto('counters').values(row('usable after')).execute()
      })

      it('loses no update when two connections read and then write', async () => {
        await counters().insertInto('counters').values(row('a')).execute()
        const increment = (connection: Database) =>
          connection.transaction(async (trx: Kysely<Tables>) => {
            const { value } = await trx.selectFrom('counters').select('value').executeTakeFirstOrThrow()
            await trx
              .updateTable('counters')
              .set({ value: value + 1 })
              .execute()
          })
        const twenty = Array.from({ length: 20 }, (_, i) => increment(i % 2 ? db : other))
        await Promise.all(twenty)
        expect(await value('a')).toBe(20)
      })

      it('lets only one of two transactions act on the absence of a row', async () => {
        const claim = (connection: Database, owner: string) =>
          connection.transaction(async (trx: Kysely<Tables>) => {
            const taken = await trx.selectFrom('counters').select('name').executeTakeFirst()
            if (!taken) await trx.insertInto('counters').values(row(owner)).execute()
            return taken === undefined
          })
        const won = await Promise.all([claim(db, 'left'), claim(other, 'right')])
        expect(won.filter(Boolean)).toHaveLength(1)
      })

      it('lets two connections change rows outside transactions at once', async () => {
        await counters().insertInto('counters').values(row('a')).execute()
        const increments = [db, other, db, other].map((connection) =>
          sql`update counters set value = value + 1`.execute(connection.tables()),
        )
        await Promise.all(increments)
        expect(await value('a')).toBe(4)
      })

      it('cannot go on in a transaction after a statement has failed', async () => {
        await counters().insertInto('counters').values(row('taken')).execute()
        let conflict: unknown
        const going = db.transaction(async (trx: Kysely<Tables>) => {
          await trx.insertInto('counters').values(row('before')).execute()
          const insert = trx.insertInto('counters').values(row('taken')).execute()
          conflict = await insert.catch((error: unknown) => error)
        })
        await expect(going).rejects.toMatchObject({ code: 'storage.rejected' })
        expect(conflict).toMatchObject({ code: 'storage.conflict' })
        expect(await value('before')).toBeUndefined()

        const further = db.transaction(async (trx: Kysely<Tables>) => {
          await trx
            .insertInto('counters')
            .values(row('taken'))
            .execute()
            .catch(() => undefined)
          await trx.selectFrom('counters').selectAll().execute()
        })
        await expect(further).rejects.toMatchObject({ code: 'storage.rejected' })
      })

      it('refuses a transaction within a transaction', async () => {
        const nested = db.transaction(() => db.transaction(async () => 'inner'))
        await expect(nested).rejects.toThrow(TypeError)
        expect(await db.transaction(async () => 'free again')).toBe('free again')
      })
    })

    describe('long reads', () => {
      const long = () => db.longReads<Tables>()

      it('see what was committed before, and the same types', async () => {
        expect(await long().selectFrom('counters').selectAll().execute()).toEqual([])
        const written = { name: 'ü€𝄞', value: Number.MAX_SAFE_INTEGER, ratio: 0.1 + 0.2, note: null }
        await counters().insertInto('counters').values(written).execute()
        const rows = await long().selectFrom('counters').selectAll().where('value', '>', 5).execute()
        expect(rows).toEqual([written])
        const { rows: raw } = await sql`select ${'5'} || 'x' as text`.execute(long())
        expect(raw).toEqual([{ text: '5x' }])
      })

      it('do not wait for a transaction, nor see what it has not committed', async () => {
        await db.transaction(async (trx: Kysely<Tables>) => {
          await trx.insertInto('counters').values(row('later')).execute()
          expect(await long().selectFrom('counters').selectAll().execute()).toEqual([])
        })
        expect(await long().selectFrom('counters').select('name').execute()).toEqual([{ name: 'later' }])
      })

      it('leave the event loop to others', async () => {
        const endless = sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < 300000)
          select count(*) as n from n`.execute(long())
        let turns = 0
        let running = true
        const finished = endless.finally(() => {
          running = false
        })
        while (running) {
          await new Promise((resolve) => setImmediate(resolve))
          turns++
        }
        expect((await finished).rows).toEqual([{ n: 300_000 }])
        expect(turns).toBeGreaterThan(10)
      })

      it('refuse changes, unknown tables and integers that are too large', async () => {
        const change = long().insertInto('counters').values(row('x')).execute()
        await expect(change).rejects.toMatchObject({ code: 'storage.rejected' })
        await expect(sql`select * from nowhere`.execute(long())).rejects.toMatchObject({
          code: 'storage.rejected',
        })
        await sql`insert into counters (name, value) values ('large', 9007199254740993)`.execute(counters())
        await expect(long().selectFrom('counters').selectAll().execute()).rejects.toThrow(RangeError)
        expect(await sql`select 1 as one`.execute(long())).toMatchObject({ rows: [{ one: 1 }] })
      })
    })

    describe('locks', () => {
      it('has one holder of each name at a time', async () => {
        const held = await db.lock('first')
        expect([await other.lock('first'), await db.lock('first')]).toEqual([undefined, undefined])
        const second = await other.lock('second')
        expect(second).toBeDefined()
        await held?.release()
        await held?.release()
        const next = await other.lock('first')
        expect(next).toBeDefined()
        await next?.release()
        await second?.release()
      })

      it('is taken by one of several that try at once', async () => {
        const tried = await Promise.all([db, other, db, other].map((connection) => connection.lock('race')))
        const held = tried.filter((lock) => lock !== undefined)
        expect(held).toHaveLength(1)
        await held[0]?.release()
      })

      it('gets free when its holder is killed', async () => {
        const holder = lockElsewhere('mortal')
        await holder.written(1)
        expect(holder.lines).toEqual(['held'])
        expect(await db.lock('mortal')).toBeUndefined()
        await holder.kill()
        const next = await vi.waitFor(
          async () => {
            const lock = await db.lock('mortal')
            if (!lock) throw new Error('still held')
            return lock
          },
          { timeout: 10_000, interval: 5 },
        )
        await next.release()
      })
    })

    describe('migrations', () => {
      const second: Migration = {
        id: '0002-more',
        async up(migrating) {
          await migrating.schema.createTable('more').addColumn('id', 'bigint').execute()
          await sql`insert into more (id) values (1)`.execute(migrating)
        },
      }

      it('leaves nothing of a migration that fails', async () => {
        const broken: Migration = {
          id: '0002-broken',
          async up(migrating) {
            await migrating.schema.createTable('half').addColumn('id', 'bigint').execute()
            throw new Error('broken')
          },
        }
        await expect(db.migrate([countersMigration, broken])).rejects.toThrow('broken')
        const half = sql`select * from half`.execute(counters())
        await expect(half).rejects.toMatchObject({ code: 'storage.rejected' })
      })

      it('applies each one once, also when several connections migrate at the same time', async () => {
        const all = [second, countersMigration]
        await Promise.all([db.migrate(all), other.migrate(all), db.migrate(all)])
        const { rows } = await sql`select id from more`.execute(counters())
        expect(rows).toEqual([{ id: 1 }])
      })

      it('refuses a database of a newer version', async () => {
        await expect(db.migrate([countersMigration])).rejects.toMatchObject({
          code: 'config.invalid',
          message: expect.stringContaining('0002-more'),
        })
      })
    })
  })
}
