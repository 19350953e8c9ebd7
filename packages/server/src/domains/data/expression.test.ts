import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../drivers/lake/duckdb.ts'
import type { Lake } from '../../ports/lake.ts'
import { checkExpression } from './expression.ts'

let lake: Lake
beforeAll(async () => {
  lake = await createDuckDbLake({ threads: 1, tempDir: await mkdtemp(`${tmpdir()}/expression-`) })
})
afterAll(() => lake.close())

const check = (sql: string, type: 'boolean' | 'int64' | 'float64' | 'string' | 'timestamp') =>
  checkExpression(lake, {
    sql,
    types: [type],
    columns: { date: 'timestamp', delay: 'int64', origin: 'string' },
    kind: 'dataset',
    name: 'flights',
    field: 'derived.x',
  })

test.each([
  ['delay > 15', 'boolean'],
  ['coalesce(delay, 0) + 1', 'int64'],
  ["CASE WHEN origin IN ('A', 'B') THEN 1 END", 'int64'],
  ['delay / 60', 'float64'],
  ['date + INTERVAL 5 MINUTE -- when it lands', 'timestamp'],
  ["date_trunc('hour', date)", 'timestamp'],
  ["upper(trim(origin)) || '-' || substr(origin, 1, 2)", 'string'],
  ["delay BETWEEN 1 AND 2 AND NOT origin LIKE 'A%'", 'boolean'],
  ['nullif(delay, 0)', 'int64'],
  ["split_part(origin, '-', 1)", 'string'],
  ['"Delay" + 1', 'int64'],
] as const)('%s is one scalar expression', async (sql, type) => {
  await check(sql, type)
})

test.each([
  ['1); DROP TABLE x; SELECT (1', 'cannot be read'],
  ["1) FROM read_csv('/etc/passwd') WHERE (true", 'must be one expression'],
  ['1), (2', 'must be one expression'],
  ['1) UNION SELECT (2', 'must be one expression'],
  ['(SELECT 1)', 'uses a subquery'],
  ["delay IN (SELECT size FROM read_text('/etc/passwd'))", 'uses a subquery'],
  ["read_text('/etc/passwd')", 'function read_text'],
  ['sum(delay)', 'function sum'],
  ['sum(delay) OVER ()', 'uses a window'],
  ['random()', 'function random'],
  ['now()', 'function now'],
  ["current_setting('temp_directory')", 'function current_setting'],
  ['current_date > date', 'there is no "current_date"'],
  ['current_timestamp > date', 'there is no "current_timestamp"'],
  ['localtimestamp > date', 'localtimestamp'],
  ['date + age(date) > date', 'function age'],
  ['current_localtimestamp() > date', 'function current_localtimestamp'],
  ['ago(INTERVAL 1 DAY) > date', 'function ago'],
  ['pg_sleep(1000) IS NULL', 'function pg_sleep'],
  ['wavg(delay, delay) > 1', 'function wavg'],
  ['version() = origin', 'function version'],
  ['delay > 15\0', 'U+0000'],
  ['*', 'uses a star'],
  ['$1', 'uses a parameter'],
  ['destination', 'does not fit the columns'],
  ['delay', 'gives BIGINT where boolean'],
  ['', 'cannot be read'],
])('%s is refused', async (sql, reason) => {
  await expect(check(sql, 'boolean')).rejects.toMatchObject({
    code: 'definition.invalid',
    message: expect.stringContaining(reason),
  })
})
