import { tmpdir } from 'node:os'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { quoteText } from '../../packages/server/src/kernel/sql.ts'
import { featuresOf, viewsOf } from './cases.ts'

/** How a result relates to the reference: rows that it lacks, rows that it has with other values. */
export interface Comparison {
  rows: number
  missing: number
  different: number
}

const [reference, candidate, views] = process.argv.slice(2)
const features = viewsOf({ views: Number(views) }).flatMap(featuresOf)

// Whole numbers with nulls come back from pandas as real ones, and its nulls as NaN.
const values = features.map(({ name }) => {
  const value = `CAST(${name} AS DOUBLE)`
  return `CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END AS ${name}`
})
const rows = (
  path: string,
) => `SELECT row_id, driver_id, epoch_us(event_timestamp) AS at, ${values.join(', ')}
  FROM read_parquet(${quoteText(path)})`
const sameValues = ['driver_id', 'at', ...features.map(({ name }) => name)]
  .map((name) => `a.${name} IS NOT DISTINCT FROM b.${name}`)
  .join(' AND ')

const lake = await createDuckDbLake({ memoryLimitMb: 4096, tempDir: tmpdir() })
const [comparison] = await lake.rows<Comparison>(`
  SELECT (SELECT count(*) FROM read_parquet(${quoteText(candidate)})) AS rows,
    count(*) FILTER (WHERE b.row_id IS NULL) AS missing,
    count(*) FILTER (WHERE b.row_id IS NOT NULL AND NOT (${sameValues})) AS different
  FROM (${rows(reference)}) AS a LEFT JOIN (${rows(candidate)}) AS b ON a.row_id = b.row_id`)
await lake.close()
console.log(JSON.stringify(comparison))
