import { join } from 'node:path'
import { validate } from '../../packages/server/src/domains/data/expectations/validate.ts'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { quoteText } from '../../packages/server/src/kernel/sql.ts'
import type { Run } from './cases.ts'
import { columns, suite } from './suite.ts'

const [folder] = process.argv.slice(2)
// The limits that a server has by default.
const lake = await createDuckDbLake({ threads: 2, memoryLimitMb: 512, tempDir: join(folder, 'spill') })
const relation = `read_parquet(${quoteText(join(folder, 'table.parquet'))}, file_row_number = true)`
const started = performance.now()
const {
  result: { results },
} = await validate({
  dataset: 'table',
  expectations: suite,
  environment: {
    lake,
    now: 0,
    relation,
    columns,
    rowsOf: async () => 0,
    findPrevious: async () => undefined,
  },
})
const seconds = (performance.now() - started) / 1000
await lake.close()

const run: Run = {
  seconds,
  peakMb: process.resourceUsage().maxRSS / 1024,
  results: results.map(({ success, result }) => ({
    success,
    unexpected: result.element_count === undefined ? null : (result.unexpected_count ?? null),
  })),
}
console.log(JSON.stringify(run))
