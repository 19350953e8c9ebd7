import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema } from '@millrace/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { checkQuery, queryRelation } from './query.ts'

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'query-'))
  lake = await createDuckDbLake({ threads: 1, memoryLimitMb: 128, tempDir: join(dir, 'spill') })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const tables: Record<string, Schema> = {
  orders: { sold: 'timestamp', shop: 'string', amount: 'float64' },
  'shop-rates': { shop: 'string', rate: 'float64' },
}
const check = (sql: string, columns: Schema = { sold: 'timestamp' }) =>
  checkQuery(lake, { kind: 'feature-view', name: 'v', sql, tables, columns })

test.each([
  ['SELECT * FROM orders', { sold: 'timestamp', shop: 'string' }],
  [
    'select sold, amount * rate as euros from orders o left join "shop-rates" r using (shop)',
    { euros: 'float64' },
  ],
  [
    'with late as (select sold as moment from Orders where amount > 3) select moment from late',
    { moment: 'timestamp' },
  ],
  ['select sold from orders union all select sold + interval 1 hour from orders', { sold: 'timestamp' }],
  ['select sold from (select o.* exclude (shop) from orders o) as x(a, b)', {}],
  [
    'select o.sold, o.amount > 1 as big from orders o, "shop-rates" r where o.shop = r.shop',
    { big: 'boolean' },
  ],
] as const)('takes %s', async (sql, columns) => {
  await (Object.keys(columns).length === 0
    ? expect(check(sql, { a: 'timestamp' })).rejects.toThrow('does not fit the tables')
    : check(sql, columns as Schema))
})

test.each([
  ['SELECT sold FROM orders; SELECT sold FROM orders', 'must be one SELECT'],
  ['DELETE FROM orders', 'cannot be read'],
  ['SELECT sold FROM', 'cannot be read'],
  ['SELECT sold FROM visits', 'reads "visits", which is not among its datasets'],
  ['SELECT sold FROM memory.main.orders', 'not among its datasets'],
  ["SELECT sold FROM 'orders.parquet'", 'not among its datasets'],
  ["SELECT * FROM read_csv('/etc/passwd')", 'reads something that is no dataset'],
  ['SELECT sold FROM orders LIMIT 3', 'orders, limits or removes duplicates'],
  ['SELECT sold FROM orders ORDER BY sold', 'orders, limits or removes duplicates'],
  ['SELECT DISTINCT sold FROM orders', 'orders, limits or removes duplicates'],
  ['SELECT max(sold) AS sold FROM orders', 'uses the function max'],
  ['SELECT sold FROM orders GROUP BY sold', 'groups rows'],
  ['SELECT sold FROM orders GROUP BY ALL', 'groups rows'],
  ['SELECT sold FROM orders QUALIFY true', 'qualifies'],
  ['SELECT sold FROM orders TABLESAMPLE 10%', 'samples rows'],
  ['SELECT sold, row_number() OVER () AS n FROM orders', 'uses a window'],
  ['SELECT sold FROM orders WHERE amount > (SELECT 1)', 'uses a subquery'],
  ['SELECT sold FROM orders UNION SELECT sold FROM orders', 'other than UNION ALL'],
  ['SELECT sold FROM orders EXCEPT ALL SELECT sold FROM orders', 'other than UNION ALL'],
  ['SELECT a.sold FROM orders a ASOF JOIN orders b ON a.shop = b.shop AND a.sold >= b.sold', 'asof join'],
  ['SELECT a.sold FROM orders a POSITIONAL JOIN orders b', 'positional join'],
  ['SELECT now() AS sold FROM orders', 'uses the function'],
  ['SELECT random() AS r, sold FROM orders', 'uses the function random'],
  ['SELECT sold FROM orders WHERE sold < current_date', 'there is no "current_date"'],
  ['SELECT sold AS current_date FROM orders WHERE sold < current_date', 'names something "current_date"'],
  ['SELECT COLUMNS(*) FROM orders', 'uses a star'],
  ['WITH RECURSIVE x AS (SELECT sold FROM orders UNION ALL SELECT sold FROM x) SELECT sold FROM x', ''],
  ['SELECT shop FROM orders', 'gives no column "sold" (it gives shop)'],
  ['SELECT shop AS sold FROM orders', 'gives "sold" as VARCHAR where timestamp is declared'],
  ['SELECT sold FROM orders, "shop-rates" WHERE shop = 1', 'does not fit the tables'],
  ['VALUES (1)', ''],
])('refuses %s', async (sql, reason) => {
  await expect(check(sql)).rejects.toMatchObject({
    code: 'definition.invalid',
    message: expect.stringContaining(reason),
  })
})

test('a relation reads the given tables and gives the declared columns in their types', async () => {
  const relation = queryRelation(
    {
      sql: 'SELECT o.*, rate, 1 AS one FROM orders o JOIN "shop-rates" USING (shop) -- all',
      tables: Object.keys(tables),
      columns: { shop: 'string', one: 'float64' },
    },
    (table) =>
      table === 'orders'
        ? `(SELECT 'a' AS shop UNION ALL SELECT 'b')`
        : `(SELECT 'b' AS shop, 2.0::DOUBLE AS rate)`,
  )
  expect(await lake.rows(`SELECT * FROM ${relation}`)).toEqual([{ shop: 'b', one: 1 }])
  expect(await lake.rows(`SELECT typeof(one) AS t FROM ${relation}`)).toEqual([{ t: 'DOUBLE' }])
})
