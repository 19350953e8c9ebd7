import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createRandom } from '../../packages/learn/src/random.ts'
import { createDuckDbLake } from '../../packages/server/src/drivers/lake/duckdb.ts'
import { quoteText } from '../../packages/server/src/kernel/sql.ts'
import { type DataColumn, type DataSet, dataSets } from './cases.ts'

interface Table {
  columns: DataColumn[]
  values: Float32Array
  target: Uint8Array
}

/** Normal numbers; the label depends on seven of the columns, one of them in waves, and on chance. */
function makeSynthetic(rows: number, features: number): Table {
  const random = createRandom(20)
  const uniform = () => (random.uint32() + 0.5) / 2 ** 32
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  const values = new Float32Array(rows * features)
  for (let at = 0; at < values.length; at++) values[at] = normal()
  const x = (column: number, row: number) => values[column * rows + row]
  const target = Uint8Array.from({ length: rows }, (_, row) => {
    const jump = (x(4, row) > 0.5 ? 0.5 : 0) - (x(6, row) > 0 ? 0.7 * x(5, row) : 0)
    const score = x(0, row) + x(1, row) * x(2, row) + Math.sin(3 * x(3, row)) + jump + normal()
    return score > 0 ? 1 : 0
  })
  return { columns: Array.from({ length: features }, (_, index) => ({ name: `x${index}` })), values, target }
}

// Of the dev dependency of examples/flights, which the workspaces share.
const flightsFile = join(
  import.meta.dirname,
  '..',
  '..',
  'node_modules',
  'vega-datasets',
  'data',
  'flights-3m.parquet',
)

const flightsQuery = (rows: number) => `
  WITH flights AS (
    SELECT *, date_trunc('hour', date) AS hour_of FROM read_parquet(${quoteText(flightsFile)})
  )
  SELECT origin, destination, distance, month(date) AS month, day(date) AS day, isodow(date) AS weekday,
    hour(date) AS hour, 60 * hour(date) + minute(date) AS minute,
    count(*) OVER (PARTITION BY origin, hour_of) AS departures,
    count(*) OVER (PARTITION BY destination, hour_of) AS arrivals,
    CASE WHEN delay > 15 THEN 1 ELSE 0 END AS label
  FROM flights
  ORDER BY hash(date, origin, destination, distance, delay), date
  LIMIT ${rows}`

/** US flights: whether one is more than 15 minutes late, from its airports, distance, time and traffic. */
async function readFlights(rows: number, tempDir: string): Promise<Table> {
  const lake = await createDuckDbLake({ tempDir })
  const found = await lake.columns(flightsQuery(rows))
  await lake.close()
  const features = found.columns.filter(({ name }) => name !== 'label')
  const values = new Float32Array(rows * features.length)
  const columns = features.map((column, index): DataColumn => {
    const isText = column.kind === 'string'
    values.set(isText ? column.codes : column.values, index * rows)
    return isText ? { name: column.name, categories: column.dictionary } : { name: column.name }
  })
  const label = found.columns.find(({ name }) => name === 'label')
  if (label?.kind !== 'number') throw new TypeError('the flights have no labels')
  return { columns, values, target: Uint8Array.from(label.values) }
}

const [folder, name] = process.argv.slice(2)
const { trainingRows, testRows }: DataSet = dataSets[name as keyof typeof dataSets]
const rows = trainingRows + testRows
await mkdir(folder, { recursive: true })
const { columns, values, target } =
  name === 'flights'
    ? await readFlights(rows, join(folder, 'spill'))
    : makeSynthetic(rows, name === '1m-50' ? 50 : 20)
await writeFile(join(folder, 'columns.json'), JSON.stringify(columns))
await writeFile(join(folder, 'values.f32'), values)
await writeFile(join(folder, 'target.u8'), target)
