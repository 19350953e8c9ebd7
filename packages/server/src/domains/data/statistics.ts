import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'

/** What is known about one column. Times are milliseconds. */
interface ColumnStatistics {
  type: ColumnType
  nulls: number
  min?: number | string | boolean
  max?: number | string | boolean
  mean?: number
  /** Estimate (HyperLogLog, about 2 %). */
  distinct: number
  /** The most frequent values of a text column, most frequent first. */
  top?: { value: string; count: number }[]
}

export type Statistics = Record<string, ColumnStatistics>

/** Rows of a Parquet row group as the lake writes them. */
const rowGroupRows = 122_880
const topValues = 10

type Part = Record<string, number | string | boolean | null>

/**
 * Statistics of the columns of one Parquet file. Sums are taken per row group, each by one thread, and added in
 * order: equal files give equal statistics to the last bit, whatever the number of threads.
 */
export async function columnStatistics(
  lake: Lake,
  input: { file: string; schema: Schema },
  options: LakeOptions = {},
): Promise<Statistics> {
  const columns = Object.entries(input.schema)
  const relation = `read_parquet(${input.file}, file_row_number = true)`
  const parts = await lake.rows<Part>(
    `SELECT file_row_number // ${rowGroupRows} AS part$, ${columns.flatMap(partAggregates).join(', ')}
     FROM ${relation} GROUP BY part$ ORDER BY part$`,
    options,
  )
  const [distinct] = await lake.rows<Record<string, number>>(
    `SELECT ${columns.map(([name], i) => `approx_count_distinct(${quoteName(name)}) AS d${i}`).join(', ')} FROM ${relation}`,
    options,
  )
  const statistics: Statistics = {}
  for (const [i, [name, type]] of columns.entries()) {
    const merged = mergeParts(parts, i, type)
    statistics[name] = { type, ...merged, distinct: distinct[`d${i}`] }
    if (type !== 'string') continue
    const column = quoteName(name)
    statistics[name].top = await lake.rows(
      `SELECT ${column} AS value, count(*) AS count FROM ${relation} WHERE ${column} IS NOT NULL
       GROUP BY ${column} ORDER BY count DESC, value LIMIT ${topValues}`,
      options,
    )
  }
  return statistics
}

function partAggregates([name, type]: [string, ColumnType], i: number): string[] {
  const column = quoteName(name)
  const list = [
    `count(${column}) AS n${i}`,
    `count(*) - count(${column}) AS nulls${i}`,
    `min(${column}) AS min${i}`,
    `max(${column}) AS max${i}`,
  ]
  if (type === 'int64' || type === 'float64') list.push(`sum(${column}) AS sum${i}`)
  if (type === 'boolean') list.push(`count(*) FILTER (${column}) AS sum${i}`)
  return list
}

function mergeParts(parts: Part[], i: number, type: ColumnType): Omit<ColumnStatistics, 'type' | 'distinct'> {
  let [n, nulls, sum] = [0, 0, 0]
  let min: number | string | boolean | undefined
  let max: number | string | boolean | undefined
  for (const part of parts) {
    n += Number(part[`n${i}`])
    nulls += Number(part[`nulls${i}`])
    sum += Number(part[`sum${i}`] ?? 0)
    const [low, high] = [part[`min${i}`], part[`max${i}`]]
    if (low !== null && (min === undefined || low < min)) min = low
    if (high !== null && (max === undefined || high > max)) max = high
  }
  const mean = n > 0 && type !== 'string' && type !== 'timestamp' ? { mean: sum / n } : {}
  return { nulls, ...(min === undefined ? {} : { min, max }), ...mean }
}
