import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { cases, rowsQuery } from './cases.ts'

/** Writes the rows of one case as Parquet. */
const [folder, name] = process.argv.slice(2)
const chosen = cases.find((one) => one.name === name)
if (!chosen) throw new TypeError(`There is no case "${name}"`)

await mkdir(folder, { recursive: true })
const lake = await createDuckDbLake({ tempDir: join(folder, 'spill') })
await lake.writeParquet(rowsQuery(chosen), join(folder, 'rows.parquet'))
await lake.close()
