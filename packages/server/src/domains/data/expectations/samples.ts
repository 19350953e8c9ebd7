import { quoteName } from '../../../kernel/sql.ts'
import type { Compiled } from './compile.ts'
import type { RowCounts } from './result.ts'
import { type AddedRows, isRowWise } from './row-totals.ts'
import type { Environment, RowRule } from './rule.ts'
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

interface Wanted {
  rule: RowRule
  condition?: string
  /** Of the expectation. */
  i: number
}

/**
 * The first failing rows of each expectation that has some, by its index; all in one statement. Of rows that were added
 * to others only these are read where the first failing ones of the others are known; `totals`: those for the next time.
 */
export async function takeSamples(
  { lake, relation, signal }: Pick<Environment, 'lake' | 'relation' | 'signal'>,
  compiled: readonly Compiled[],
  counts: readonly (RowCounts | undefined)[],
  { keys, added }: { keys: readonly string[]; added?: AddedRows },
): Promise<{ samples: Map<number, SampleRow[]>; totals: Map<string, SampleRow[]> }> {
  const samples = new Map<number, SampleRow[]>()
  const rules = compiled.flatMap(({ rule, rows }, i): Wanted[] =>
    rows ? [{ rule, condition: rows.condition, i }] : [],
  )
  const failing = rules.filter(({ i }) => (counts[i]?.unexpected ?? 0) > 0)
  const before = (one: Wanted) => added?.before.samples.get(keyOf(one, keys) ?? '')
  const take = async (wanted: readonly Wanted[], from: string, firstPlace: number) => {
    const read = await readSamples({ lake, relation: from, signal }, wanted, keys)
    for (const { i } of wanted) {
      const found = (read.get(i) ?? []).map((row) => ({ ...row, place: row.place + firstPlace }))
      samples.set(i, [...(samples.get(i) ?? []), ...found].slice(0, sampleRows))
    }
  }
  for (const one of failing) samples.set(one.i, [...(before(one) ?? [])])
  if (added) {
    const open = failing.filter((one) => (before(one)?.length ?? sampleRows) < sampleRows)
    await take(open, added.relation, added.rowsBefore)
  }
  await take(
    failing.filter((one) => before(one) === undefined),
    relation,
    0,
  )
  const totals = new Map<string, SampleRow[]>()
  for (const one of rules) {
    const key = keyOf(one, keys)
    if (key !== undefined) totals.set(key, samples.get(one.i) ?? [])
  }
  return { samples, totals }
}

/** What the samples of a rule about single rows are known by. */
function keyOf({ rule, condition = '' }: Wanted, keys: readonly string[]): string | undefined {
  if (!isRowWise(`${condition} ${rule.unexpected}`)) return undefined
  return JSON.stringify([condition, rule.unexpected, rule.shown.map(({ name }) => name), keys])
}

async function readSamples(
  { lake, relation, signal }: Pick<Environment, 'lake' | 'relation' | 'signal'>,
  wanted: readonly Wanted[],
  keys: readonly string[],
): Promise<Map<number, SampleRow[]>> {
  if (wanted.length === 0) return new Map()
  const list = wanted.map(({ rule, condition, i }) => {
    const keyFields = keys.map((name, k) => `k${k}: ${quoteName(name)}`)
    const valueFields = rule.shown.map(({ sql }, v) => `v${v}: ${sql}`)
    const shown = `{${['place: file_row_number', ...keyFields, ...valueFields].join(', ')}}`
    return `arg_min(${shown}, file_row_number, ${sampleRows})${filterClause([condition, rule.unexpected])} AS s${i}`
  })
  const [row] = await lake.rows<Record<string, Record<string, unknown>[] | null>>(
    `WITH batch AS NOT MATERIALIZED (SELECT * FROM ${relation}) SELECT ${list.join(', ')} FROM batch`,
    { signal },
  )
  const shaped = ({ rule }: Wanted, sample: Record<string, unknown>): SampleRow => ({
    place: Number(sample.place),
    keys: Object.fromEntries(keys.map((name, k) => [name, sample[`k${k}`]])),
    values: Object.fromEntries(rule.shown.map(({ name }, v) => [name, sample[`v${v}`]])),
  })
  return new Map(wanted.map((one) => [one.i, (row[`s${one.i}`] ?? []).map((sample) => shaped(one, sample))]))
}
