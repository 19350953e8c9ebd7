import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { generated } from './suite.ts'

const [folder, rows] = process.argv.slice(2)
await mkdir(folder, { recursive: true })
const lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 1024, tempDir: join(folder, 'spill') })
const list = Object.entries(generated).map(([name, sql]) => `${sql} AS ${name}`)
await lake.writeParquet(
  `SELECT ${list.join(', ')} FROM range(${Number(rows)}) r(i)`,
  join(folder, 'table.parquet'),
)
await lake.close()
