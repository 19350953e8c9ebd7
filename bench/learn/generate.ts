import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import { createRandom } from '../../packages/learn/src/random.ts'
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

const flightsQuery = `
  WITH flights AS (
    SELECT *, date_trunc('hour', date) AS hour_of FROM read_parquet($file)
  )
  SELECT origin, destination, distance, month(date) AS month, day(date) AS day, isodow(date) AS weekday,
    hour(date) AS hour, 60 * hour(date) + minute(date) AS minute,
    count(*) OVER (PARTITION BY origin, hour_of) AS departures,
    count(*) OVER (PARTITION BY destination, hour_of) AS arrivals,
    CASE WHEN delay > 15 THEN 1 ELSE 0 END AS label
  FROM flights
  ORDER BY hash(date, origin, destination, distance, delay), date
  LIMIT $rows`

/** US flights: whether one is more than 15 minutes late, from its airports, distance, time and traffic. */
async function readFlights(rows: number): Promise<Table> {
  const file = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
  const connection = await (await DuckDBInstance.create()).connect()
  const result = await connection.runAndReadAll(flightsQuery, { file, rows })
  const found = result.getColumnsObject()
  const names = Object.keys(found).filter((name) => name !== 'label')
  const values = new Float32Array(rows * names.length)
  const columns = names.map((name, index): DataColumn => {
    const part = values.subarray(index * rows, (index + 1) * rows)
    if (typeof found[name][0] !== 'string') {
      part.set(found[name].map(Number))
      return { name }
    }
    const categories = [...new Set(found[name].map(String))].sort()
    const codeOf = new Map(categories.map((category, code) => [category, code]))
    part.set(found[name].map((category) => codeOf.get(String(category)) ?? Number.NaN))
    return { name, categories }
  })
  return { columns, values, target: Uint8Array.from(found.label, Number) }
}

const [folder, name] = process.argv.slice(2)
const { trainingRows, testRows }: DataSet = dataSets[name as keyof typeof dataSets]
const rows = trainingRows + testRows
const { columns, values, target } =
  name === 'flights' ? await readFlights(rows) : makeSynthetic(rows, name === '1m-50' ? 50 : 20)
await mkdir(folder, { recursive: true })
await writeFile(join(folder, 'columns.json'), JSON.stringify(columns))
await writeFile(join(folder, 'values.f32'), values)
await writeFile(join(folder, 'target.u8'), target)
