import { type Kysely, sql } from 'kysely'
import {
  type Condition,
  type EntrySource,
  type Filter,
  prefixRange,
  type SearchTarget,
  type Sql,
  testOf,
} from '../../search/index.ts'

/** Runs that an index can list, among which all results are. */
export interface Listing {
  /** A SELECT of `run_id`, each at most once, of at least all active and deleted runs that fit. */
  runs: Sql
  /** The condition that exactly these runs fit, if there is one: it need not be asked again. */
  exact?: Filter
  /** True if it lists runs of other experiments, too. */
  everywhere?: true
}

export interface Driver extends Listing {
  /** How many it lists. */
  size: number
}

/** The conditions that all results fit. */
function conjuncts(filter: Filter | undefined): Filter[] {
  if (!filter) return []
  return filter.kind === 'and' ? filter.operands.flatMap(conjuncts) : [filter]
}

/** The conditions of the filter that can be read from an index of these experiments. */
export function driversOf(
  filter: Filter | undefined,
  experiments: readonly number[],
  target: Pick<SearchTarget, 'dialect'>,
): Listing[] {
  if (experiments.length === 0) return []
  return conjuncts(filter).flatMap((each) => driverOf(each, experiments, target) ?? [])
}

/** The filter without one of the conditions that all results fit. */
export function without(filter: Filter | undefined, condition: Filter | undefined): Filter | undefined {
  const rest = conjuncts(filter).filter((each) => each !== condition)
  return rest.length <= 1 ? rest[0] : { kind: 'and', operands: rest }
}

/** Counts what the drivers list, each up to `most`. */
export async function sizeDrivers(
  db: Kysely<unknown>,
  drivers: readonly Listing[],
  most: number,
): Promise<Driver[]> {
  const sized: Driver[] = []
  for (const listing of drivers) {
    const size = await countRows(db, listing.runs, most)
    sized.push({ ...listing, size })
    if (size === 0) break
  }
  return sized.toSorted((a, b) => a.size - b.size)
}

export async function countRows(db: Kysely<unknown>, rows: Sql, most: number): Promise<number> {
  const counted = sql<{ n: number }>`select count(*) as n from (${rows} limit ${sql.lit(most)}) as c`
  return (await counted.execute(db)).rows[0]?.n ?? 0
}

function driverOf(
  filter: Filter,
  experiments: readonly number[],
  target: Pick<SearchTarget, 'dialect'>,
): Listing | undefined {
  if (filter.kind === 'and' || filter.kind === 'not') return undefined
  if (filter.kind === 'or') {
    const parts = filter.operands.map((each) => driverOf(each, experiments, target)?.runs)
    if (!parts.every((part) => part !== undefined)) return undefined
    return { runs: sql`select distinct run_id from (${sql.join(parts, sql` union all `)}) as u` }
  }
  if (filter.kind === 'null') return undefined
  if (filter.kind === 'in' && filter.negated) return undefined
  if (filter.kind === 'comparison' && (filter.operator === '!=' || filter.operator === 'ILIKE'))
    return undefined
  if (filter.field.kind === 'metric') {
    const runs = metricDriver(filter, experiments, target)
    return runs && { runs, exact: filter }
  }
  if (filter.field.kind === 'tag' || filter.field.kind === 'parameter') {
    const runs = entryDriver(filter)
    return runs && { runs, everywhere: true, ...(isShort(filter) ? { exact: filter } : {}) }
  }
  return undefined
}

type Comparing = Exclude<Condition, { kind: 'null' }>

/** Finite values are a range of the index by value; the others are few, and a part of it of their own. */
function metricDriver(
  condition: Comparing,
  experiments: readonly number[],
  target: Pick<SearchTarget, 'dialect'>,
): Sql | undefined {
  const values = valuesOf(condition)
  if (!values.every(Number.isFinite)) return undefined
  const source: EntrySource = { rows: sql``, value: sql.ref('d.value') }
  const part = (special: Sql) => sql`select d.run_id from run_latest_metrics as d
    where d.experiment_id in (${sql.join([...experiments])}) and d.key = ${condition.field.key} and ${special}`
  const finite = part(sql`d.special = '' and ${testOf(condition, source, target)}`)
  const operator = condition.kind === 'comparison' ? condition.operator : '='
  if (operator.startsWith('>')) return sql`${finite} union all ${part(sql`d.special = 'Infinity'`)}`
  if (operator.startsWith('<')) return sql`${finite} union all ${part(sql`d.special = '-Infinity'`)}`
  return finite
}

/** Texts are indexed by key and beginning, over all experiments: more runs than those that fit, never fewer. */
const indexedCharacters = 200

function entryDriver(condition: Comparing): Sql | undefined {
  const test = beginningTest(condition)
  if (!test) return undefined
  const table = sql.table(condition.field.kind === 'tag' ? 'run_tags' : 'run_params')
  return sql`select d.run_id from ${table} as d where d.key = ${condition.field.key} and ${test}`
}

/** Whether the beginning decides. */
function isShort(condition: Comparing): boolean {
  const shorter = (text: unknown) => [...String(text)].length < indexedCharacters
  if (condition.kind === 'in') return condition.values.every(shorter)
  if (condition.kind === 'between') return false
  if (condition.operator === '=') return shorter(condition.value)
  // All of the pattern but the last character is the prefix whose range is read.
  return condition.operator === 'LIKE' && /^[^%_]{1,100}%$/u.test(String(condition.value))
}

function beginningTest(condition: Comparing): Sql | undefined {
  const beginning = sql`substr(d.value, 1, ${sql.lit(indexedCharacters)})`
  const cut = (text: unknown) => [...String(text)].slice(0, indexedCharacters).join('')
  if (condition.kind === 'between') return undefined
  if (condition.kind === 'in')
    return sql`${beginning} in (${sql.join([...new Set(condition.values.map(cut))])})`
  if (condition.operator === '=') return sql`${beginning} = ${cut(condition.value)}`
  const range = condition.operator === 'LIKE' ? prefixRange(String(condition.value)) : undefined
  return range && sql`${beginning} >= ${cut(range.from)} and ${beginning} < ${cut(range.to)}`
}

function valuesOf(condition: Comparing): unknown[] {
  if (condition.kind === 'in') return condition.values
  return condition.kind === 'between' ? [condition.low, condition.high] : [condition.value]
}
