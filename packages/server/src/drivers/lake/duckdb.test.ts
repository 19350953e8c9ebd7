import { lakeContract } from '../../ports/testing/lake.contract.ts'
import { createDuckDbLake } from './duckdb.ts'

lakeContract((dir) => createDuckDbLake({ threads: 2, memoryLimitMb: 256, tempDir: `${dir}/spill` }))
