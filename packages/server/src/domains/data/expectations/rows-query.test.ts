import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDuckDbLake } from '../../../drivers/lake/duckdb.ts'
import type { Lake } from '../../../ports/lake.ts'
import { checkRowsQuery } from './rows-query.ts'

let lake: Lake
let dir: string
beforeAll(async () => {
  dir = await mkdtemp(`${tmpdir()}/rows-query-`)
  lake = await createDuckDbLake({ threads: 1, tempDir: dir })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true })
})

const check = (sql: string) =>
  checkRowsQuery(lake, { sql, tables: ['batch'], kind: 'dataset', name: 'x', field: 'the query' })

test.each([
  'SELECT * FROM batch WHERE a > 5',
  'WITH late AS (SELECT * FROM batch), worst AS (SELECT * FROM late) SELECT * FROM worst ORDER BY a LIMIT 3',
  'SELECT a, count(*) FROM Batch b GROUP BY a HAVING count(*) > 1',
  'SELECT * FROM (SELECT a, row_number() OVER (PARTITION BY b ORDER BY a) AS n FROM batch) WHERE n > 1',
  'SELECT x.a FROM batch x LEFT JOIN (VALUES (1)) AS v(a) ON x.a = v.a WHERE x.a IN (SELECT max(a) FROM batch)',
  'SELECT a FROM batch UNION ALL SELECT b FROM batch',
  'SELECT a FROM batch QUALIFY lag(a) OVER (ORDER BY b) > a',
])('%s may be run', async (sql) => {
  await expect(check(sql)).resolves.toBeUndefined()
})

test.each([
  ['SELECT * FROM other', 'reads "other"'],
  ["SELECT * FROM 'secret.parquet'", 'reads "secret.parquet"'],
  ["SELECT * FROM batch, read_csv('/etc/passwd')", 'reads from a table function'],
  ['SELECT * FROM batch WHERE a IN (SELECT count(*) FROM duckdb_settings())', 'reads from a table function'],
  ['SELECT * FROM main.batch', 'reads "batch"'],
  ['SELECT * FROM information_schema.tables', 'reads "tables"'],
  ['SELECT (SELECT x FROM (WITH "a.csv" AS (SELECT 1) SELECT 1 AS x)) FROM \'a.csv\'', 'reads "a.csv"'],
  ['WITH b AS (SELECT * FROM c), c AS (SELECT 1) SELECT * FROM b', 'reads "c"'],
  ['FROM (DESCRIBE batch)', 'reads from a show ref'],
  ['FROM (SUMMARIZE batch)', 'reads from a show ref'],
  ['SELECT * FROM batch WHERE a > random()', 'uses the function random'],
  ['SELECT * FROM batch WHERE a > now()', 'uses the function'],
  ['SELECT * FROM batch WHERE b < current_date', 'current_date'],
  ["SELECT getvariable('x'), current_setting('temp_directory') FROM batch", 'uses the function'],
  ['WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT * FROM r) SELECT * FROM r', 'recursive_cte_node'],
  ['SELECT 1; SELECT 2', 'must be one query'],
  ["COPY batch TO '/tmp/x.csv'", 'cannot be read'],
  ['DROP TABLE batch', 'cannot be read'],
  ['PIVOT batch ON a', 'cannot be read'],
  ['SELECT a FROM (PIVOT batch ON a IN (1) USING count(*))', 'reads from a pivot'],
  ['SELEC', 'cannot be read'],
])('%s is refused', async (sql, reason) => {
  await expect(check(sql)).rejects.toMatchObject({
    code: 'definition.invalid',
    message: expect.stringContaining(reason),
  })
})
