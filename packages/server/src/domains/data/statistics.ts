import type { ColumnType, Schema } from '@millrace/protocol'
import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake, LakeOptions } from '../../ports/lake.ts'
import { addFiles, type ColumnTotals } from './column-totals.ts'
import { distinctOf } from './distinct-sketch.ts'
import { topOf } from './value-counts.ts'

/** What is known about one column. Times are milliseconds. */
interface ColumnStatistics {
  type: ColumnType
  nulls: number
  min?: number | string | boolean
  max?: number | string | boolean
  mean?: number
  /** Exact up to 1023, then an estimate (about 3 %). */
  distinct: number
  /** The most frequent values of a text column, most frequent first; absent where most values are there once. */
  top?: { value: string; count: number }[]
}

export type Statistics = Record<string, ColumnStatistics>

const topValues = 10

/** Statistics of the columns of Parquet files: the same, to the last bit, for equal files in equal order. */
export async function columnStatistics(
  lake: Pick<Lake, 'rows'>,
  { files, schema }: { files: readonly string[]; schema: Schema },
  options: LakeOptions = {},
): Promise<Statistics> {
  const totals = await addFiles(lake, { files, schema }, options)
  return statisticsOf(lake, { totals, files, schema }, options)
}

/** Statistics out of totals of all files, which are read only for the frequent ones among many texts. */
export async function statisticsOf(
  lake: Pick<Lake, 'rows'>,
  input: { totals: readonly ColumnTotals[]; files: readonly string[]; schema: Schema },
  options: LakeOptions = {},
): Promise<Statistics> {
  const statistics: Statistics = {}
  for (const [i, [name, type]] of Object.entries(input.schema).entries()) {
    const { values, nulls, sum, min, max, distinct: sketch, counts } = input.totals[i]
    const distinct = distinctOf(sketch)
    const isNumber = type !== 'string' && type !== 'timestamp'
    const column: ColumnStatistics = {
      type,
      nulls,
      ...(min !== undefined && { min, max }),
      ...(values > 0 && isNumber && { mean: sum / values }),
      distinct,
    }
    if (counts) column.top = topOf(counts, topValues)
    else if (type === 'string' && distinct * 2 <= values)
      column.top = await readTop(lake, { column: quoteName(name), files: input.files }, options)
    statistics[name] = column
  }
  return statistics
}

function readTop(
  lake: Pick<Lake, 'rows'>,
  { column, files }: { column: string; files: readonly string[] },
  options: LakeOptions,
): Promise<{ value: string; count: number }[]> {
  return lake.rows(
    `SELECT ${column} AS value, count(*) AS count FROM read_parquet([${files.map(quoteText).join(', ')}])
     WHERE ${column} IS NOT NULL GROUP BY ${column} ORDER BY count DESC, value LIMIT ${topValues}`,
    options,
  )
}
