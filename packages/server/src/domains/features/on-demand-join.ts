import { quoteName, quoteText } from '../../kernel/sql.ts'
import type { Lake } from '../../ports/lake.ts'
import { sqlType } from '../data/index.ts'
import { computeColumns } from './on-demand-columns.ts'
import type { RangeCounts } from './range-counts.ts'
import type { ServicePlan, SetColumn } from './service-plan.ts'

/**
 * Computes the on-demand features of the rows of a Parquet file, and writes all columns in the given order.
 * @param input.table a name that no other table of the lake has
 */
export async function addOnDemand(
  lake: Lake,
  input: {
    joined: string
    finished: string
    plan: Pick<ServicePlan, 'onDemand'>
    columns: readonly Pick<SetColumn, 'name' | 'type'>[]
    table: string
    /** Of values outside of their ranges. */
    counts: RangeCounts
    signal?: AbortSignal
  },
): Promise<void> {
  const { plan, columns: all, table, counts, signal } = input
  const isOnDemand = (name: string) => plan.onDemand.some((runner) => runner.outputs.includes(name))
  const source = `read_parquet(${quoteText(input.joined)})`
  const needed = [...new Set(plan.onDemand.flatMap((runner) => runner.inputs))]
  const stored = needed.filter((name) => !isOnDemand(name))
  // A row number would do when no view reads a stored column; the constant keeps the number of rows.
  const list = stored.length > 0 ? stored.map(quoteName) : ['1 AS one']
  const given = await lake.columns(`SELECT ${list.join(', ')} FROM ${source}`, { signal })
  const types = Object.fromEntries(all.map(({ name, type }) => [name, type]))
  const computed = await computeColumns(plan.onDemand, { given, types, counts, signal })
  const made = quoteName(table)
  await lake.load(table, computed, { signal })
  try {
    const columns = all.map(({ name, type }) =>
      isOnDemand(name)
        ? `CAST(${made}.${quoteName(name)} AS ${sqlType(type)}) AS ${quoteName(name)}`
        : `stored.${quoteName(name)}`,
    )
    await lake.writeParquet(
      `SELECT ${columns.join(', ')} FROM ${source} AS stored POSITIONAL JOIN ${made}`,
      input.finished,
      { signal },
    )
  } finally {
    await lake.run(`DROP TABLE IF EXISTS ${made}`)
  }
}
