import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { cases, entitiesQuery, featureRowsQuery, viewsOf } from './cases.ts'

/** Writes the Parquet files of one case: `entities`, `view0`, `view1` and so on. */
const [folder, name] = process.argv.slice(2)
const chosen = cases.find((one) => one.name === name)
if (!chosen) throw new TypeError(`There is no case "${name}"`)

await mkdir(folder, { recursive: true })
const lake = await createDuckDbLake({ tempDir: join(folder, 'spill') })
await lake.writeParquet(entitiesQuery(chosen), join(folder, 'entities.parquet'))
for (const view of viewsOf(chosen)) {
  await lake.writeParquet(featureRowsQuery(chosen, view), join(folder, `view${view}.parquet`))
}
await lake.close()
