import { quoteName } from '../../../kernel/sql.ts'
import type { Compiled } from './compile.ts'
import type { RowCounts } from './result.ts'
import type { Environment } from './rule.ts'
import { filterClause } from './scan.ts'

/** Failing rows that a result shows of each expectation: the first ones. */
const sampleRows = 20

export interface SampleRow {
  /** Place of the row, from 0. */
  place: number
  keys: Record<string, unknown>
  /** The judged columns by name. */
  values: Record<string, unknown>
}

/** The first failing rows of each expectation that has some, by its index; all in one statement. */
export async function takeSamples(
  { lake, relation, signal }: Environment,
  compiled: readonly Compiled[],
  counts: readonly (RowCounts | undefined)[],
  keys: readonly string[],
): Promise<Map<number, SampleRow[]>> {
  const samples = new Map<number, SampleRow[]>()
  const wanted = compiled.flatMap((one, i) =>
    (counts[i]?.unexpected ?? 0) > 0 && one.rows ? [{ ...one, i }] : [],
  )
  if (wanted.length === 0) return samples
  const list = wanted.map(({ rule, rows, i }) => {
    const keyFields = keys.map((name, k) => `k${k}: ${quoteName(name)}`)
    const valueFields = rule.shown.map(({ sql }, v) => `v${v}: ${sql}`)
    const shown = `{${['place: file_row_number', ...keyFields, ...valueFields].join(', ')}}`
    const filter = filterClause([rows.condition, rule.unexpected])
    return `arg_min(${shown}, file_row_number, ${sampleRows})${filter} AS s${i}`
  })
  const [row] = await lake.rows<Record<string, Record<string, unknown>[] | null>>(
    `WITH batch AS NOT MATERIALIZED (SELECT * FROM ${relation}) SELECT ${list.join(', ')} FROM batch`,
    { signal },
  )
  for (const { rule, i } of wanted) {
    samples.set(
      i,
      (row[`s${i}`] ?? []).map((sample) => ({
        place: Number(sample.place),
        keys: Object.fromEntries(keys.map((name, k) => [name, sample[`k${k}`]])),
        values: Object.fromEntries(rule.shown.map(({ name }, v) => [name, sample[`v${v}`]])),
      })),
    )
  }
  return samples
}
