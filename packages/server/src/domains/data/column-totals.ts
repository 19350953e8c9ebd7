import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { countDistinct, type DistinctSketch, emptySketch } from './distinct-sketch.ts'
import { countValues, type ValueCounts } from './value-counts.ts'

/** What is known of the rows of a column so that further rows can be added. Times are milliseconds. */
export interface ColumnTotals {
  /** Values that are not null. */
  values: number
  nulls: number
  sum: number
  min?: number | string | boolean
  max?: number | string | boolean
  distinct: DistinctSketch
  /** Of a text column; undefined where there are too many values. */
  counts?: ValueCounts
}

/** Rows of a Parquet row group as the lake writes them. */
const rowGroupRows = 122_880

type Group = Record<string, number | string | boolean | null>

/**
 * The totals of the columns of a schema, in its order, of rows that were there (`before`) and those of Parquet files.
 * Sums are taken per row group, each by one thread, and added in order: equal files in equal order give equal totals to
 * the last bit, whatever the number of threads, and however many of them were there before.
 */
export async function addFiles(
  lake: Pick<Lake, 'rows'>,
  input: { before?: readonly ColumnTotals[]; files: readonly string[]; schema: Schema },
  options: LakeOptions = {},
): Promise<ColumnTotals[]> {
  const columns = Object.entries(input.schema)
  const before = input.before ?? columns.map(emptyTotals)
  if (input.files.length === 0) return [...before]
  const relation = `read_parquet([${input.files.map(quoteText).join(', ')}], file_row_number = true)`
  const groups = await lake.rows<Group>(
    `SELECT file_index AS file$, file_row_number // ${rowGroupRows} AS group$, count(*) AS rows$, ${columns.flatMap(groupAggregates).join(', ')}
     FROM ${relation} GROUP BY file$, group$ ORDER BY file$, group$`,
    options,
  )
  const names = columns.map(([name]) => quoteName(name))
  const sketches = before.map(({ distinct }) => distinct)
  const rows = groups.reduce((sum, group) => sum + Number(group.rows$), 0)
  const distinct = await countDistinct(lake, { sketches, columns: names, relation, rows }, options)
  const totals: ColumnTotals[] = []
  for (const [i, known] of before.entries()) {
    const { counts } = known
    totals.push({
      ...addGroups(known, groups, i),
      distinct: distinct[i],
      counts: counts && (await countValues(lake, { counts, column: names[i], relation }, options)),
    })
  }
  return totals
}

function emptyTotals([, type]: [string, ColumnType]): ColumnTotals {
  const counts = type === 'string' ? { counts: new Map<string, number>() } : {}
  return { values: 0, nulls: 0, sum: 0, distinct: emptySketch, ...counts }
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

function addGroups(before: ColumnTotals, groups: readonly Group[], i: number): ColumnTotals {
  const totals = { ...before }
  for (const group of groups) {
    totals.values += Number(group[`n${i}`])
    totals.nulls += Number(group[`nulls${i}`])
    totals.sum += Number(group[`sum${i}`] ?? 0)
    const [low, high] = [group[`min${i}`], group[`max${i}`]]
    if (low !== null && (totals.min === undefined || low < totals.min)) totals.min = low
    if (high !== null && (totals.max === undefined || high > totals.max)) totals.max = high
  }
  return totals
}
