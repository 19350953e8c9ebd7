import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
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

type Group = Record<string, number | string | boolean | null>

/**
 * Statistics of the columns of Parquet files. Sums are taken per row group, each by one thread, and added in order:
 * equal files in equal order give equal statistics to the last bit, whatever the number of threads.
 */
export async function columnStatistics(
  lake: Lake,
  input: { files: readonly string[]; schema: Schema },
  options: LakeOptions = {},
): Promise<Statistics> {
  const columns = Object.entries(input.schema)
  const relation = `read_parquet([${input.files.map(quoteText).join(', ')}], file_row_number = true)`
  const groups = await lake.rows<Group>(
    `SELECT file_index AS file$, file_row_number // ${rowGroupRows} AS group$, ${columns.flatMap(groupAggregates).join(', ')}
     FROM ${relation} GROUP BY file$, group$ ORDER BY file$, group$`,
    options,
  )
  const [distinct] = await lake.rows<Record<string, number>>(
    `SELECT ${columns.map(([name], i) => `approx_count_distinct(${quoteName(name)}) AS d${i}`).join(', ')} FROM ${relation}`,
    options,
  )
  const statistics: Statistics = {}
  for (const [i, [name, type]] of columns.entries()) {
    const merged = mergeGroups(groups, i, type)
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

function groupAggregates([name, type]: [string, ColumnType], i: number): string[] {
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

function mergeGroups(
  groups: Group[],
  i: number,
  type: ColumnType,
): Omit<ColumnStatistics, 'type' | 'distinct'> {
  let [n, nulls, sum] = [0, 0, 0]
  let min: number | string | boolean | undefined
  let max: number | string | boolean | undefined
  for (const group of groups) {
    n += Number(group[`n${i}`])
    nulls += Number(group[`nulls${i}`])
    sum += Number(group[`sum${i}`] ?? 0)
    const [low, high] = [group[`min${i}`], group[`max${i}`]]
    if (low !== null && (min === undefined || low < min)) min = low
    if (high !== null && (max === undefined || high > max)) max = high
  }
  const mean = n > 0 && type !== 'string' && type !== 'timestamp' ? { mean: sum / n } : {}
  return { nulls, ...(min === undefined ? {} : { min, max }), ...mean }
}
