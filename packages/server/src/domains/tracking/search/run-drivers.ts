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

/** A condition that every result fits and that an index can list the runs of. */
export interface Driver {
  /** A SELECT of `run_id`, each at most once, of at least all active and deleted runs that fit. */
  runs: Sql
  /** How many it lists. */
  size: number
}

/** The conditions that all results fit. */
function conjuncts(filter: Filter | undefined): Filter[] {
  if (!filter) return []
  return filter.kind === 'and' ? filter.operands.flatMap(conjuncts) : [filter]
}

/** The conditions of the filter that can be read from an index of one experiment, as SELECTs of `run_id`. */
export function driversOf(
  filter: Filter | undefined,
  experiment: number,
  target: Pick<SearchTarget, 'dialect'>,
): Sql[] {
  return conjuncts(filter).flatMap((each) => driverOf(each, experiment, target) ?? [])
}

/** Counts what the drivers list, each up to `most`. */
export async function sizeDrivers(
  db: Kysely<unknown>,
  drivers: readonly Sql[],
  most: number,
): Promise<Driver[]> {
  const sized: Driver[] = []
  for (const runs of drivers) {
    const size = await countRows(db, runs, most)
    sized.push({ runs, size })
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
  experiment: number,
  target: Pick<SearchTarget, 'dialect'>,
): Sql | undefined {
  if (filter.kind === 'and' || filter.kind === 'or' || filter.kind === 'not') return undefined
  if (filter.kind === 'null') return undefined
  if (filter.kind === 'in' && filter.negated) return undefined
  if (filter.kind === 'comparison' && (filter.operator === '!=' || filter.operator === 'ILIKE'))
    return undefined
  if (filter.field.kind === 'metric') return metricDriver(filter, experiment, target)
  if (filter.field.kind === 'tag' || filter.field.kind === 'parameter') return entryDriver(filter)
  return undefined
}

type Comparing = Exclude<Condition, { kind: 'null' }>

/** Finite values are a range of the index by value; the others are few, and a part of it of their own. */
function metricDriver(
  condition: Comparing,
  experiment: number,
  target: Pick<SearchTarget, 'dialect'>,
): Sql | undefined {
  const values = valuesOf(condition)
  if (!values.every(Number.isFinite)) return undefined
  const source: EntrySource = { rows: sql``, value: sql.ref('d.value') }
  const part = (special: Sql) => sql`select d.run_id from run_latest_metrics as d
    where d.experiment_id = ${experiment} and d.key = ${condition.field.key} and ${special}`
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
